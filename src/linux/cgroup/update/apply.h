// The cgroups of a container that is there, for new limits.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "linux/cgroup/apply.h"
#include "linux/cgroup/types.h"

namespace brig {

struct LiveCgroup {
  CgroupHandles handles;                    // without v1_tasks
  std::vector<std::string> v2_controllers;  // available at the top
};
Result<LiveCgroup> open_live_cgroup(const CgroupPaths& paths);

// memory.checkBeforeUpdate: an error when more is in use than a limit of the plan would leave.
Result<> check_memory_use(const CgroupPlan& plan, const CgroupHandles& handles);

// A plan whose writes bring back what the files of `plan` say now. Controllers that are not
// enabled yet are enabled first, and stay so.
Result<CgroupPlan> plan_way_back(const CgroupPlan& plan, const CgroupHandles& handles);

}  // namespace brig
