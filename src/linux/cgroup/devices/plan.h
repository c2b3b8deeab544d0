// linux.resources.devices as writes for v1 or as an eBPF program for v2.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "linux/cgroup/places.h"
#include "linux/cgroup/types.h"

namespace brig {

namespace spec {
struct Resources;
}

struct CgroupDevicePlan {
  std::vector<CgroupDeviceRule> rules;  // empty: everything is allowed
  // At most one of the two has anything; neither where nothing can enforce the rules.
  std::vector<CgroupWrite> writes;
  std::vector<std::uint64_t> program;
};

// Nothing is allowed until a rule allows it. After the configuration's own rules come those that
// every container gets: its standard devices, and mknod of any.
Result<CgroupDevicePlan> plan_cgroup_devices(const spec::Resources& resources,
                                             const CgroupPlaces& places);

// For a cgroup that has rules already: also "everything" is said then.
Result<CgroupDevicePlan> plan_device_update(const spec::Resources& resources,
                                            const CgroupPlaces& places);

}  // namespace brig
