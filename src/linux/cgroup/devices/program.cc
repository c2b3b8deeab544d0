#include "linux/cgroup/devices/program.h"

#include <linux/bpf.h>

#include <bit>
#include <cstddef>

namespace brig {

namespace {

using Program = std::vector<std::uint64_t>;

// What the program keeps where. r1 is the context, r0 the verdict.
constexpr std::uint8_t kVerdict = BPF_REG_0, kContext = BPF_REG_1, kKind = BPF_REG_2,
                       kWanted = BPF_REG_3, kMajor = BPF_REG_4, kMinor = BPF_REG_5,
                       kDevice = BPF_REG_6;

// The kernel's dev_t: 12 bits of major and 20 of minor number.
constexpr std::int64_t kMaxMajor = 0xfff, kMaxMinor = 0xfffff;
constexpr std::uint32_t kMinorBits = 20;

// Jumps are 16 bits long.
constexpr std::size_t kLongestRun = 8192;

struct Instruction {
  int code = 0;
  std::uint8_t to = 0, from = 0;
  std::size_t jump = 0;  // instructions to skip
  std::uint32_t value = 0;
};

std::uint64_t encode(const Instruction& instruction) {
  bpf_insn raw{};
  raw.code = static_cast<__u8>(instruction.code);
  raw.dst_reg = instruction.to & 0xf;
  raw.src_reg = instruction.from & 0xf;
  raw.off = static_cast<__s16>(instruction.jump);
  raw.imm = static_cast<__s32>(instruction.value);
  return std::bit_cast<std::uint64_t>(raw);
}

void add(Program& program, const Instruction& instruction) {
  program.push_back(encode(instruction));
}

void load_field(Program& program, std::uint8_t to, std::size_t offset) {
  add(program, {.code = BPF_LDX | BPF_MEM | BPF_W, .to = to, .from = kContext, .jump = offset});
}

// access_type holds the device's kind in its lower half and the wanted access in its upper.
void add_prologue(Program& program) {
  load_field(program, kKind, offsetof(bpf_cgroup_dev_ctx, access_type));
  add(program, {.code = BPF_ALU | BPF_MOV | BPF_X, .to = kWanted, .from = kKind});
  add(program, {.code = BPF_ALU | BPF_AND | BPF_K, .to = kKind, .value = 0xffff});
  add(program, {.code = BPF_ALU | BPF_RSH | BPF_K, .to = kWanted, .value = 16});
  load_field(program, kMajor, offsetof(bpf_cgroup_dev_ctx, major));
  load_field(program, kMinor, offsetof(bpf_cgroup_dev_ctx, minor));
  add(program, {.code = BPF_ALU | BPF_MOV | BPF_X, .to = kDevice, .from = kMajor});
  add(program, {.code = BPF_ALU | BPF_LSH | BPF_K, .to = kDevice, .value = kMinorBits});
  add(program, {.code = BPF_ALU | BPF_OR | BPF_X, .to = kDevice, .from = kMinor});
}

void add_verdict(Program& program, bool allow) {
  add(program, {.code = BPF_ALU | BPF_MOV | BPF_K, .to = kVerdict, .value = allow ? 1U : 0U});
  add(program, {.code = BPF_JMP | BPF_EXIT});
}

// What happens to a device that the rule is about; what follows are the earlier rules.
Program consequence_of(const CgroupDeviceRule& rule) {
  Program program;
  const bool all = rule.access == kDeviceAnyAccess;
  if (rule.allow && !all) {
    // This access is settled; earlier rules decide on what else is wanted.
    add(program, {.code = BPF_ALU | BPF_AND | BPF_K,
                  .to = kWanted,
                  .value = kDeviceAnyAccess & ~std::uint32_t{rule.access}});
    add(program, {.code = BPF_JMP | BPF_JNE | BPF_K, .to = kWanted, .jump = 2, .value = 0});
  } else if (!all) {
    add(program,
        {.code = BPF_JMP | BPF_JSET | BPF_K, .to = kWanted, .jump = 1, .value = rule.access});
    add(program, {.code = BPF_JMP | BPF_JA, .jump = 2});
  }
  add_verdict(program, rule.allow);
  return program;
}

bool can_match(const CgroupDeviceRule& rule) {
  return rule.major <= kMaxMajor && rule.minor <= kMaxMinor;
}
bool is_any(const CgroupDeviceRule& rule) {
  return rule.major == kAnyDeviceNumber && rule.minor == kAnyDeviceNumber;
}

// One comparison finds the rule's device among those of its kind; the jump comes later.
Instruction test_of(const CgroupDeviceRule& rule) {
  Instruction test{.code = BPF_JMP32 | BPF_JEQ | BPF_K};
  if (rule.minor == kAnyDeviceNumber) {
    test.to = kMajor;
    test.value = static_cast<std::uint32_t>(rule.major);
  } else if (rule.major == kAnyDeviceNumber) {
    test.to = kMinor;
    test.value = static_cast<std::uint32_t>(rule.minor);
  } else {
    test.to = kDevice;
    test.value = static_cast<std::uint32_t>(rule.major << kMinorBits | rule.minor);
  }
  return test;
}

// Rules with the same consequence, in any order. It stands once, behind all their tests: what the
// kernel takes to verify a program grows with its length, on every start of a container.
using Run = std::vector<CgroupDeviceRule>;

void add_tests_of_kind(std::vector<Instruction>& tests, const Run& run, CgroupDeviceKind kind) {
  const std::uint32_t number =
      kind == CgroupDeviceKind::Char ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK;
  std::vector<Instruction> own;
  bool any = false;
  for (const CgroupDeviceRule& rule : run) {
    if (rule.kind != kind || !can_match(rule)) continue;
    any |= is_any(rule);
    own.push_back(test_of(rule));
  }
  if (own.empty()) return;
  if (any) {
    tests.push_back({.code = BPF_JMP32 | BPF_JEQ | BPF_K, .to = kKind, .value = number});
    return;
  }
  tests.push_back(
      {.code = BPF_JMP32 | BPF_JNE | BPF_K, .to = kKind, .jump = own.size(), .value = number});
  tests.insert(tests.end(), own.begin(), own.end());
}

void add_run(Program& program, const Run& run) {
  std::vector<Instruction> tests;
  add_tests_of_kind(tests, run, CgroupDeviceKind::Char);
  add_tests_of_kind(tests, run, CgroupDeviceKind::Block);
  if (tests.empty()) return;
  const Program then = consequence_of(run[0]);
  tests.push_back({.code = BPF_JMP | BPF_JA, .jump = then.size()});
  for (std::size_t i = 0; i < tests.size(); ++i) {
    if (tests[i].code == (BPF_JMP32 | BPF_JEQ | BPF_K)) tests[i].jump = tests.size() - i - 1;
    add(program, tests[i]);
  }
  program.insert(program.end(), then.begin(), then.end());
}

bool belongs_to(const Run& run, const CgroupDeviceRule& rule) {
  return run.empty() ||
         (run.size() < kLongestRun && rule.allow == run[0].allow && rule.access == run[0].access);
}

}  // namespace

static_assert(sizeof(bpf_insn) == sizeof(std::uint64_t));
static_assert(kDeviceMknod == BPF_DEVCG_ACC_MKNOD && kDeviceRead == BPF_DEVCG_ACC_READ &&
              kDeviceWrite == BPF_DEVCG_ACC_WRITE);

Program device_program(const std::vector<CgroupDeviceRule>& rules) {
  Program program;
  add_prologue(program);
  bool allow_by_default = false;
  Run run;
  // The last rule that matches decides, so they are asked from the last to the first.
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    if (rule->kind == CgroupDeviceKind::All) {
      allow_by_default = rule->allow;
      break;
    }
    if (!belongs_to(run, *rule)) {
      add_run(program, run);
      run.clear();
    }
    run.push_back(*rule);
  }
  if (!run.empty()) add_run(program, run);
  add_verdict(program, allow_by_default);
  return program;
}

}  // namespace brig
