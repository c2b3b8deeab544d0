// New limits and device rules for a container that is there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "linux/cgroup/devices/plan.h"
#include "linux/cgroup/types.h"

namespace brig {

namespace spec {
struct Resources;
}

struct CgroupUpdateRequest {
  CgroupPaths paths;
  std::vector<std::string> v2_controllers;  // available at the top
  bool replaces_devices = false;
  bool root = true;  // effective uid 0 in the initial user namespace
};

struct CgroupUpdatePlan {
  CgroupPlan limits;  // without anything about devices
  std::optional<CgroupDevicePlan> devices;
};

// `resources` are those to be written, not all that the container has. As for a new container, a
// limit that this host cannot enforce is an error; but for kernel memory, which most kernels no
// longer limit and old engines still mention.
Result<CgroupUpdatePlan> plan_cgroup_update(const spec::Resources& resources,
                                            const CgroupUpdateRequest& request);

}  // namespace brig
