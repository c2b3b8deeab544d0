// The names of config-linux.md's seccomp section and the numbers behind them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace brig {

// SECCOMP_RET_* without data: "SCMP_ACT_ALLOW" is 0x7fff0000.
std::optional<std::uint32_t> seccomp_action_number(std::string_view name);
// libseccomp's enum scmp_compare.
std::optional<std::uint32_t> seccomp_operator_number(std::string_view name);
// AUDIT_ARCH_*, and libseccomp's own number for x32, which the kernel counts as x86-64.
std::optional<std::uint32_t> seccomp_arch_number(std::string_view name);
// SECCOMP_FILTER_FLAG_*.
std::optional<std::uint32_t> seccomp_flag_number(std::string_view name);

// "SCMP_ARCH_X86_64"; "SCMP_ARCH_?" for a number that is none.
std::string_view seccomp_arch_name(std::uint32_t number);

// All names, in alphabetical order. Of the architectures only those that this build's libseccomp
// can make filters for.
std::vector<std::string_view> seccomp_action_names();
std::vector<std::string_view> seccomp_operator_names();
std::vector<std::string_view> seccomp_arch_names();
std::vector<std::string_view> seccomp_flag_names();

}  // namespace brig
