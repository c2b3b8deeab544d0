#include "linux/cgroup/devices/program.h"

#include <gtest/gtest.h>
#include <linux/bpf.h>

#include <array>
#include <bit>
#include <optional>

#include "linux/cgroup/devices/rules.h"

namespace brig {
namespace {

using Rules = std::vector<CgroupDeviceRule>;
constexpr auto kChar = CgroupDeviceKind::Char;
constexpr auto kBlock = CgroupDeviceKind::Block;
constexpr std::int64_t kAny = kAnyDeviceNumber;
constexpr std::uint8_t r = kDeviceRead, w = kDeviceWrite, m = kDeviceMknod;

struct Access {
  CgroupDeviceKind kind;
  std::uint32_t major, minor;
  std::uint8_t wanted;
};

// The instructions that the generator uses, run as the kernel would: anything else, a jump out of
// the program or a register that was never written ends the test.
class Evaluator {
 public:
  explicit Evaluator(const std::vector<std::uint64_t>& program) : program_(program) {}

  std::optional<bool> run(const Access& access) {
    const std::uint32_t kind = access.kind == kChar ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK;
    context_ = {static_cast<std::uint32_t>(access.wanted) << 16 | kind, access.major, access.minor};
    std::size_t at = 0;
    for (std::size_t steps = 0; steps < 100'000 && at < program_.size(); ++steps) {
      const auto insn = std::bit_cast<bpf_insn>(program_[at]);
      if (insn.code == (BPF_JMP | BPF_EXIT)) return verdict();
      const std::optional<std::size_t> next = step(insn, at);
      if (!next) return std::nullopt;
      at = *next;
    }
    return std::nullopt;
  }

 private:
  std::optional<bool> verdict() {
    if (!registers_[0] || *registers_[0] > 1) return std::nullopt;
    return *registers_[0] == 1;
  }

  std::optional<std::size_t> step(const bpf_insn& insn, std::size_t at) {
    std::optional<std::uint64_t>& to = registers_[insn.dst_reg];
    const auto value = static_cast<std::uint32_t>(insn.imm);
    const std::size_t jumped = at + 1 + static_cast<std::size_t>(insn.off);
    switch (insn.code) {
      case BPF_LDX | BPF_MEM | BPF_W:
        if (insn.src_reg != BPF_REG_1 || insn.off % 4 != 0) return std::nullopt;
        to = context_.at(static_cast<std::size_t>(insn.off) / 4);
        return at + 1;
      case BPF_ALU | BPF_MOV | BPF_X:
        to = registers_[insn.src_reg];
        return at + 1;
      case BPF_ALU | BPF_MOV | BPF_K:
        to = value;
        return at + 1;
      case BPF_JMP | BPF_JA:
        return jumped;
    }
    if (!to) return std::nullopt;
    switch (insn.code) {
      case BPF_ALU | BPF_AND | BPF_K:
        to = *to & value;
        return at + 1;
      case BPF_ALU | BPF_RSH | BPF_K:
        to = *to >> value;
        return at + 1;
      case BPF_ALU | BPF_LSH | BPF_K:
        to = (*to << value) & 0xffffffff;
        return at + 1;
      case BPF_ALU | BPF_OR | BPF_X:
        if (!registers_[insn.src_reg]) return std::nullopt;
        to = *to | *registers_[insn.src_reg];
        return at + 1;
      case BPF_JMP | BPF_JNE | BPF_K:
      case BPF_JMP32 | BPF_JNE | BPF_K:
        return *to != value ? jumped : at + 1;
      case BPF_JMP32 | BPF_JEQ | BPF_K:
        return *to == value ? jumped : at + 1;
      case BPF_JMP | BPF_JSET | BPF_K:
        return (*to & value) != 0 ? jumped : at + 1;
    }
    return std::nullopt;
  }

  const std::vector<std::uint64_t>& program_;
  std::array<std::uint32_t, 3> context_{};
  std::array<std::optional<std::uint64_t>, 16> registers_{};
};

// The meaning of rules, straight from the definition: each bit by the last rule that has it.
bool meant(const Rules& rules, const Access& access) {
  const auto matches = [](std::int64_t rule, std::uint32_t number) {
    return rule == kAny || rule == number;
  };
  for (const std::uint8_t bit : {r, w, m}) {
    if ((access.wanted & bit) == 0) continue;
    bool allowed = false;
    for (const CgroupDeviceRule& rule : rules) {
      const bool same = rule.kind == CgroupDeviceKind::All ||
                        (rule.kind == access.kind && matches(rule.major, access.major) &&
                         matches(rule.minor, access.minor));
      if (same && (rule.access & bit) != 0) allowed = rule.allow;
    }
    if (!allowed) return false;
  }
  return true;
}

std::vector<Access> all_accesses() {
  std::vector<Access> accesses;
  for (const CgroupDeviceKind kind : {kChar, kBlock})
    for (const std::uint32_t major : {1u, 2u, 4095u})
      for (const std::uint32_t minor : {3u, 4u, 1048575u})
        for (std::uint8_t wanted = 1; wanted <= 7; ++wanted)
          accesses.push_back({kind, major, minor, wanted});
  return accesses;
}

void expect_as_meant(const Rules& rules) {
  const std::vector<std::uint64_t> whole = device_program(rules);
  const std::vector<std::uint64_t> reduced = device_program(reduce_device_rules(rules));
  for (const Access& access : all_accesses()) {
    std::string text;
    for (const CgroupDeviceRule& rule : rules) text += describe(rule) + "; ";
    text += cat(access.kind == kChar ? "c " : "b ", access.major, ":", access.minor, " ",
                access.wanted);
    ASSERT_EQ(Evaluator(whole).run(access), meant(rules, access)) << text;
    ASSERT_EQ(Evaluator(reduced).run(access), meant(rules, access)) << text << " (reduced)";
  }
}

const CgroupDeviceRule kAllowAll{.allow = true}, kDenyAll{.allow = false};

struct Row {
  const char* name;
  Rules rules;
  Access access;
  bool allowed;
};

TEST(DeviceProgram, DecidesEachAccessOfTheTable) {
  const Access read_null{kChar, 1, 3, r}, open_null{kChar, 1, 3, r | w}, make_disk{kBlock, 8, 0, m};
  const Row rows[] = {
      {"no rule", {}, read_null, false},
      {"all denied", {kDenyAll}, read_null, false},
      {"all allowed", {kAllowAll}, make_disk, true},
      {"allowed device", {{true, kChar, 1, 3, 7}}, open_null, true},
      {"another minor", {{true, kChar, 1, 5, 7}}, open_null, false},
      {"another kind", {{true, kBlock, 1, 3, 7}}, open_null, false},
      {"any minor", {{true, kChar, 1, kAny, 7}}, open_null, true},
      {"any major", {{true, kChar, kAny, 3, 7}}, open_null, true},
      {"mknod only", {{true, kBlock, kAny, kAny, m}}, make_disk, true},
      {"mknod is not read", {{true, kChar, kAny, kAny, m}}, read_null, false},
      {"half of what is wanted", {{true, kChar, 1, 3, r}}, open_null, false},
      {"two halves", {{true, kChar, 1, 3, r}, {true, kChar, 1, 3, w}}, open_null, true},
      {"halves of two rules", {{true, kChar, 1, kAny, r}, {true, kChar, 1, 3, w}}, open_null, true},
      {"a hole", {{true, kChar, 1, kAny, 7}, {false, kChar, 1, 3, 7}}, read_null, false},
      {"beside the hole", {{true, kChar, 1, kAny, 7}, {false, kChar, 1, 4, 7}}, read_null, true},
      {"the last wins", {{false, kChar, 1, 3, 7}, {true, kChar, 1, kAny, 7}}, read_null, true},
      {"writing denied, reading", {kAllowAll, {false, kChar, 1, 3, w}}, read_null, true},
      {"writing denied, both", {kAllowAll, {false, kChar, 1, 3, w}}, open_null, false},
      {"started anew", {{true, kChar, 1, 3, 7}, kDenyAll}, read_null, false},
      {"a number no device has", {{true, kChar, 4294967295, kAny, 7}}, read_null, false},
  };
  for (const Row& row : rows) {
    const std::vector<std::uint64_t> program = device_program(row.rules);
    EXPECT_EQ(Evaluator(program).run(row.access), row.allowed) << row.name;
    EXPECT_EQ(meant(row.rules, row.access), row.allowed) << row.name;
  }
}

// Every list of up to two rules over a small world, then a fixed sequence of longer ones.
TEST(DeviceProgram, AgreesWithTheMeaningForEveryPairOfRules) {
  Rules world = {kAllowAll, kDenyAll};
  for (const bool allow : {true, false})
    for (const CgroupDeviceKind kind : {kChar, kBlock})
      for (const std::int64_t major : {kAny, std::int64_t{1}})
        for (const std::int64_t minor : {kAny, std::int64_t{3}})
          for (const std::uint8_t access : {std::uint8_t{7}, std::uint8_t{1}, std::uint8_t{6}})
            world.push_back({allow, kind, major, minor, access});
  for (const CgroupDeviceRule& first : world)
    for (const CgroupDeviceRule& second : world) expect_as_meant({first, second});
}

TEST(DeviceProgram, AgreesWithTheMeaningForLongLists) {
  std::uint32_t seed = 1;
  const auto pick = [&seed](std::uint32_t below) {
    seed = seed * 1664525 + 1013904223;
    return (seed >> 16) % below;
  };
  for (int round = 0; round < 300; ++round) {
    Rules rules;
    for (std::uint32_t i = pick(20); i > 0; --i) {
      if (pick(12) == 0) {
        rules.push_back(pick(2) == 0 ? kAllowAll : kDenyAll);
        continue;
      }
      rules.push_back({.allow = pick(2) == 0,
                       .kind = pick(2) == 0 ? kChar : kBlock,
                       .major = static_cast<std::int64_t>(pick(3)) - 1,
                       .minor = pick(3) == 0 ? kAny : static_cast<std::int64_t>(3 + pick(2)),
                       .access = static_cast<std::uint8_t>(1 + pick(7))});
    }
    expect_as_meant(rules);
  }
}

TEST(DeviceProgram, KnowsTheHighestNumbersAndNoHigher) {
  const std::vector<std::uint64_t> program =
      device_program({{true, kChar, 4095, 1048575, 7}, {true, kChar, 4096, 3, 7}});
  EXPECT_EQ(Evaluator(program).run({kChar, 4095, 1048575, r}), true);
  EXPECT_EQ(Evaluator(program).run({kChar, 0, 3, r}), false);
}

// The verifier's time grows with the length: one instruction a device.
TEST(DeviceProgram, IsShort) {
  Rules rules;
  for (std::int64_t minor = 0; minor < 32; ++minor) rules.push_back({true, kChar, 1, minor, 7});
  EXPECT_EQ(device_program(rules).size(), 9 + 1 + 32 + 1 + 2 + 2);
}

TEST(DeviceProgram, MayBeVeryLong) {
  Rules rules;
  for (std::int64_t minor = 0; minor < 40'000; ++minor) rules.push_back({true, kChar, 1, minor, 7});
  const std::vector<std::uint64_t> program = device_program(rules);
  EXPECT_EQ(Evaluator(program).run({kChar, 1, 0, r}), true);
  EXPECT_EQ(Evaluator(program).run({kChar, 1, 39'999, r}), true);
  EXPECT_EQ(Evaluator(program).run({kChar, 1, 40'000, r}), false);
}

}  // namespace
}  // namespace brig
