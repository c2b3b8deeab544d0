// The syscall filter of the container (linux.seccomp). plan: names to numbers. compile: numbers to
// classic BPF by libseccomp, slow. cache: compile once for all containers with the same profile.
// apply: into the kernel.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace brig::spec {
struct Linux;
struct Seccomp;
}  // namespace brig::spec

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
  bool known_names_only = false;  // a system call that libseccomp does not know is an error
  std::string raw;                // the finished filter, in place of all but the flags
  bool operator==(const SeccompProfile&) const = default;
};

// Annotations may replace the filter, make it stricter, or say where its listener goes
// (docs/annotations.md). None: the container has no filter.
using SeccompAnnotations = std::map<std::string, std::string>;
Result<std::optional<SeccompProfile>> plan_filter(const spec::Linux& linux_section,
                                                  const SeccompAnnotations& annotations);

// `receiver`: who gets the listener instead of listenerPath.
Result<SeccompProfile> plan_seccomp(const spec::Seccomp& seccomp, std::string_view receiver = {});

// Whether the profile lets a syscall through whatever its arguments are.
bool allows_always(const SeccompProfile& profile, std::string_view syscall);

// Who is told of SCMP_ACT_NOTIFY.
struct SeccompListener {
  std::string path, metadata;
  bool operator==(const SeccompListener&) const = default;
};
// None when no rule of the profile notifies.
std::optional<SeccompListener> plan_seccomp_listener(const spec::Linux& linux_section,
                                                     const SeccompAnnotations& annotations,
                                                     const SeccompProfile& profile);

}  // namespace brig
