#include "linux/cgroup/devices/program.h"

#include <linux/bpf.h>

#include <bit>
#include <cstddef>
#include <iterator>
#include <limits>

namespace brig {

namespace {

using Program = std::vector<std::uint64_t>;

// What the program keeps where. r1 is the context, r0 the verdict.
constexpr std::uint8_t kVerdict = BPF_REG_0, kContext = BPF_REG_1, kKind = BPF_REG_2,
                       kWanted = BPF_REG_3, kMajor = BPF_REG_4, kMinor = BPF_REG_5;

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
}

void add_verdict(Program& program, bool allow) {
  add(program, {.code = BPF_ALU | BPF_MOV | BPF_K, .to = kVerdict, .value = allow ? 1U : 0U});
  add(program, {.code = BPF_JMP | BPF_EXIT});
}

// What happens to a device that the rule is about.
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

// Devices have 12 bits of major and 20 of minor number; an immediate is signed.
bool can_match(const CgroupDeviceRule& rule) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  return rule.major <= kMax && rule.minor <= kMax;
}

void add_rule(Program& program, const CgroupDeviceRule& rule) {
  const Program then = consequence_of(rule);
  Program when;
  std::size_t tests = 1;
  if (rule.major != kAnyDeviceNumber) ++tests;
  if (rule.minor != kAnyDeviceNumber) ++tests;
  const auto skip_unless = [&](std::uint8_t field, std::int64_t value) {
    --tests;
    add(when, {.code = BPF_JMP | BPF_JNE | BPF_K,
               .to = field,
               .jump = tests + then.size(),
               .value = static_cast<std::uint32_t>(value)});
  };
  skip_unless(kKind,
              rule.kind == CgroupDeviceKind::Char ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK);
  if (rule.major != kAnyDeviceNumber) skip_unless(kMajor, rule.major);
  if (rule.minor != kAnyDeviceNumber) skip_unless(kMinor, rule.minor);
  program.insert(program.end(), when.begin(), when.end());
  program.insert(program.end(), then.begin(), then.end());
}

}  // namespace

static_assert(sizeof(bpf_insn) == sizeof(std::uint64_t));
static_assert(kDeviceMknod == BPF_DEVCG_ACC_MKNOD && kDeviceRead == BPF_DEVCG_ACC_READ &&
              kDeviceWrite == BPF_DEVCG_ACC_WRITE);

Program device_program(const std::vector<CgroupDeviceRule>& rules) {
  Program program;
  add_prologue(program);
  // The last rule that matches decides, so they are asked from the last to the first.
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    if (rule->kind == CgroupDeviceKind::All) {
      add_verdict(program, rule->allow);
      return program;
    }
    if (can_match(*rule)) add_rule(program, *rule);
  }
  add_verdict(program, false);
  return program;
}

}  // namespace brig
