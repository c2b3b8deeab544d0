// Creating a container's cgroups and writing its limits.
#pragma once

#include <vector>

#include "base/error.h"
#include "linux/cgroup/types.h"
#include "sys/fd.h"

namespace brig {

struct CgroupHandles {
  CgroupPaths paths;         // what exists now; the plan's, but for what an optional plan left out
  Fd v2_dir;                 // for clone3 with CLONE_INTO_CGROUP
  std::vector<Fd> v1_tasks;  // the new process writes "0" into each before it executes anything
};

// A cgroup that exists may be used if it is empty: with processes, or frozen, it is somebody
// else's. To be asked before the cgroup is recorded as the container's, because what is recorded
// is killed when it is removed.
Result<> refuse_occupied_cgroup(const CgroupPaths& paths);

// Makes every cgroup of the plan with its missing parents, enables controllers down to it on v2
// and gives it processors and memory nodes on v1. On failure nothing that was made stays.
Result<CgroupHandles> acquire_cgroup(const CgroupPlan& plan);

// When systemd is done with the cgroup: opens it, unless acquire_cgroup() made it, and enables the
// controllers that systemd does not know.
Result<> complete_managed_cgroup(const CgroupPlan& plan, CgroupHandles& handles);

Result<> apply_cgroup_limits(const CgroupPlan& plan, const CgroupHandles& handles);

}  // namespace brig
