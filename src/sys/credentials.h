// Ids, groups, capabilities and no_new_privs of the calling thread. The calls are the raw ones:
// glibc's setuid family signals every other thread to do the same, which a child of a raw clone3
// neither needs nor survives.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "base/error.h"

namespace brig::sys {

// One bit a capability, as /proc/PID/status shows them.
struct CapabilitySets {
  std::uint64_t effective = 0, permitted = 0, inheritable = 0;
  bool operator==(const CapabilitySets&) const = default;
};
Result<CapabilitySets> get_capabilities();
Result<> set_capabilities(const CapabilitySets& sets);

struct BoundingSet {
  std::uint64_t mask = 0;
  std::uint32_t last_cap = 0;  // the highest capability this kernel knows
};
// One PR_CAPBSET_READ a capability, 42 at present: cheap, but read it once.
Result<BoundingSet> get_bounding_set();
Result<> drop_from_bounding_set(unsigned capability);

Result<> clear_ambient_capabilities();
Result<> raise_ambient_capability(unsigned capability);

// PR_SET_KEEPCAPS: whether giving up uid 0 keeps the permitted set. execve(2) clears it.
enum class KeepCapabilities : std::uint8_t { No, Yes };
Result<> set_keep_capabilities(KeepCapabilities keep);

Result<> set_groups(const std::vector<gid_t>& groups);
Result<std::vector<gid_t>> get_groups();
Result<> set_real_effective_saved_gid(gid_t gid);
Result<> set_real_effective_saved_uid(uid_t uid);

Result<> set_no_new_privs();

}  // namespace brig::sys
