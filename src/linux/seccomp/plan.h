// The syscall filter of the container (linux.seccomp). plan: names to numbers. compile: numbers to
// classic BPF by libseccomp, slow. cache: compile once for all containers with the same profile.
// apply: into the kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace brig::spec {
struct Seccomp;
}

namespace brig {

struct SeccompArgument {
  std::uint32_t index = 0;                 // 0 to 5, and no two of one rule are the same
  std::uint32_t comparison = 0;            // libseccomp's enum scmp_compare
  std::uint64_t value = 0, value_two = 0;  // MASKED_EQ: the mask, and what remains under it
  bool operator==(const SeccompArgument&) const = default;
};

struct SeccompRule {
  std::vector<std::string> names;     // of syscalls; their numbers differ by architecture
  std::uint32_t action = 0;           // SECCOMP_RET_* with its data
  std::vector<SeccompArgument> args;  // all have to match
  bool operator==(const SeccompRule&) const = default;
};

struct SeccompProfile {
  std::uint32_t default_action = 0;
  std::uint32_t flags = 0;            // SECCOMP_FILTER_FLAG_*, NEW_LISTENER when rules notify
  std::vector<std::uint32_t> arches;  // AUDIT_ARCH_*; the native one is always meant too
  std::vector<SeccompRule> rules;
  bool operator==(const SeccompProfile&) const = default;
};

Result<SeccompProfile> plan_seccomp(const spec::Seccomp& seccomp);

// Whether the profile lets a syscall through whatever its arguments are.
bool allows_always(const SeccompProfile& profile, std::string_view syscall);

// Who is told of SCMP_ACT_NOTIFY.
struct SeccompListener {
  std::string path, metadata;
  bool operator==(const SeccompListener&) const = default;
};
// None when no rule of the profile notifies.
std::optional<SeccompListener> plan_seccomp_listener(const spec::Seccomp& seccomp,
                                                     const SeccompProfile& profile);

}  // namespace brig
