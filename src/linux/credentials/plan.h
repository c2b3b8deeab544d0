// Who the container's process is and what it may do: user, groups, umask, capabilities and
// no_new_privs (process.user, process.capabilities, process.noNewPrivileges). Not here: looking
// up names in the container's /etc/passwd, security modules, seccomp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace brig::spec {
struct Process;
}

namespace brig {

// All three of the real, effective and saved id are the same.
struct Identity {
  std::uint32_t uid = 0, gid = 0;
  std::vector<std::uint32_t> groups;  // ascending, as getgroups(2) gives them
  bool operator==(const Identity&) const = default;
};

// About the process that will apply the plan, at the moment it does: after the user namespace was
// created or joined, where the sets are full and the ids are those of the namespace.
struct CredentialFacts {
  // Exact: what is absent here is not dropped from the bounding set, and not granted either.
  std::uint64_t own_bounding = ~std::uint64_t{0};
  std::uint64_t own_permitted = ~std::uint64_t{0};
  std::uint32_t last_cap = 40;           // the kernel's highest capability
  bool setgroups_denied = false;         // /proc/self/setgroups says "deny" (rootless)
  bool setgroups_may_be_denied = false;  // only the process itself will find out
  bool keep_groups = false;              // the caller's, by its wish
  // Only when it is known for certain; then the calls that would change nothing are left out.
  std::optional<Identity> identity;
};

struct CredentialPlan {
  std::uint64_t bounding = 0, effective = 0, permitted = 0, inheritable = 0, ambient = 0;
  std::uint64_t dropped = 0;  // what apply_bounding removes from the bounding set

  std::uint32_t uid = 0, gid = 0;
  std::vector<std::uint32_t> groups;
  bool set_groups = true, set_gid = true, set_uid = true;
  bool setgroups_may_be_denied = false;  // by the user namespace; then the groups stay
  bool keep_capabilities = true;         // across the change of the uid

  std::uint32_t umask = 0022;
  bool no_new_privileges = false;

  // Capabilities that cannot be granted here. The specification wants them logged, not refused.
  std::vector<std::string> warnings;
  bool operator==(const CredentialPlan&) const = default;
};

// Names of capabilities that are unknown are skipped: parsing has warned of them. Without
// process.capabilities every set is empty, as with runc and crun: root in such a container is an
// ordinary user that owns root's files.
Result<CredentialPlan> plan_credentials(const spec::Process& process, const CredentialFacts& facts);

}  // namespace brig
