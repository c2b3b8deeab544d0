#include "linux/seccomp/names.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include <algorithm>
#include <array>
#include <span>

namespace brig {

namespace {

struct NamedNumber {
  std::string_view name;
  std::uint32_t number;
};

constexpr std::array kActions{
    NamedNumber{"SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW},
    NamedNumber{"SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO},
    NamedNumber{"SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD},
    NamedNumber{"SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS},
    NamedNumber{"SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD},
    NamedNumber{"SCMP_ACT_LOG", SECCOMP_RET_LOG},
    NamedNumber{"SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF},
    NamedNumber{"SCMP_ACT_TRACE", SECCOMP_RET_TRACE},
    NamedNumber{"SCMP_ACT_TRAP", SECCOMP_RET_TRAP},
};

constexpr std::array kOperators{
    NamedNumber{"SCMP_CMP_EQ", SCMP_CMP_EQ}, NamedNumber{"SCMP_CMP_GE", SCMP_CMP_GE},
    NamedNumber{"SCMP_CMP_GT", SCMP_CMP_GT}, NamedNumber{"SCMP_CMP_LE", SCMP_CMP_LE},
    NamedNumber{"SCMP_CMP_LT", SCMP_CMP_LT}, NamedNumber{"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
    NamedNumber{"SCMP_CMP_NE", SCMP_CMP_NE},
};

constexpr std::array kArches{
    NamedNumber{"SCMP_ARCH_AARCH64", AUDIT_ARCH_AARCH64},
    NamedNumber{"SCMP_ARCH_ARM", AUDIT_ARCH_ARM},
    NamedNumber{"SCMP_ARCH_LOONGARCH64", AUDIT_ARCH_LOONGARCH64},
    NamedNumber{"SCMP_ARCH_M68K", AUDIT_ARCH_M68K},
    NamedNumber{"SCMP_ARCH_MIPS", AUDIT_ARCH_MIPS},
    NamedNumber{"SCMP_ARCH_MIPS64", AUDIT_ARCH_MIPS64},
    NamedNumber{"SCMP_ARCH_MIPS64N32", AUDIT_ARCH_MIPS64N32},
    NamedNumber{"SCMP_ARCH_MIPSEL", AUDIT_ARCH_MIPSEL},
    NamedNumber{"SCMP_ARCH_MIPSEL64", AUDIT_ARCH_MIPSEL64},
    NamedNumber{"SCMP_ARCH_MIPSEL64N32", AUDIT_ARCH_MIPSEL64N32},
    NamedNumber{"SCMP_ARCH_PARISC", AUDIT_ARCH_PARISC},
    NamedNumber{"SCMP_ARCH_PARISC64", AUDIT_ARCH_PARISC64},
    NamedNumber{"SCMP_ARCH_PPC", AUDIT_ARCH_PPC},
    NamedNumber{"SCMP_ARCH_PPC64", AUDIT_ARCH_PPC64},
    NamedNumber{"SCMP_ARCH_PPC64LE", AUDIT_ARCH_PPC64LE},
    NamedNumber{"SCMP_ARCH_RISCV64", AUDIT_ARCH_RISCV64},
    NamedNumber{"SCMP_ARCH_S390", AUDIT_ARCH_S390},
    NamedNumber{"SCMP_ARCH_S390X", AUDIT_ARCH_S390X},
    NamedNumber{"SCMP_ARCH_SH", AUDIT_ARCH_SHEL},
    NamedNumber{"SCMP_ARCH_SHEB", AUDIT_ARCH_SH},
    NamedNumber{"SCMP_ARCH_X32", SCMP_ARCH_X32},
    NamedNumber{"SCMP_ARCH_X86", AUDIT_ARCH_I386},
    NamedNumber{"SCMP_ARCH_X86_64", AUDIT_ARCH_X86_64},
};

constexpr std::array kFlags{
    NamedNumber{"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
    NamedNumber{"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
    NamedNumber{"SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC},
    NamedNumber{"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV},
};

std::optional<std::uint32_t> number_in(std::span<const NamedNumber> table, std::string_view name) {
  const auto known = std::ranges::find(table, name, &NamedNumber::name);
  if (known == table.end()) return std::nullopt;
  return known->number;
}

std::vector<std::string_view> names_in(std::span<const NamedNumber> table) {
  std::vector<std::string_view> names;
  for (const NamedNumber& entry : table) names.push_back(entry.name);
  return names;
}

// Every architecture has read(2); libseccomp finds none of one that it does not know.
bool can_filter(std::uint32_t arch) {
  return ::seccomp_syscall_resolve_name_arch(arch, "read") != __NR_SCMP_ERROR;
}

}  // namespace

std::optional<std::uint32_t> seccomp_action_number(std::string_view name) {
  return number_in(kActions, name);
}
std::optional<std::uint32_t> seccomp_operator_number(std::string_view name) {
  return number_in(kOperators, name);
}
std::optional<std::uint32_t> seccomp_arch_number(std::string_view name) {
  return number_in(kArches, name);
}
std::optional<std::uint32_t> seccomp_flag_number(std::string_view name) {
  return number_in(kFlags, name);
}

std::string_view seccomp_arch_name(std::uint32_t number) {
  const auto* known = std::ranges::find(kArches, number, &NamedNumber::number);
  return known == kArches.end() ? "SCMP_ARCH_?" : known->name;
}

std::vector<std::string_view> seccomp_action_names() {
  return names_in(kActions);
}
std::vector<std::string_view> seccomp_operator_names() {
  return names_in(kOperators);
}
std::vector<std::string_view> seccomp_flag_names() {
  return names_in(kFlags);
}

std::vector<std::string_view> seccomp_arch_names() {
  std::vector<std::string_view> names;
  for (const NamedNumber& entry : kArches)
    if (can_filter(entry.number)) names.push_back(entry.name);
  return names;
}

}  // namespace brig
