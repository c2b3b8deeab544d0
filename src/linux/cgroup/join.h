// The container's cgroups for a process that is born into them later.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "linux/cgroup/apply.h"
#include "linux/cgroup/types.h"
#include "sys/fd.h"

namespace brig {

// `below` are cgroups inside the container's: "PATH", or "CONTROLLER,...:PATH" for those v1
// hierarchies alone. They have to exist.
Result<CgroupPaths> plan_joined_cgroup(const CgroupPaths& container,
                                       const std::vector<std::string>& below);

Result<CgroupHandles> open_joined_cgroup(const CgroupPaths& paths);

// Where a process is on v2, now: a container that manages cgroups itself (systemd, Docker in
// Docker) has moved its init into a cgroup below and keeps its own free of processes, which the
// kernel then does not take (EBUSY). `own_cgroup` is the text of the process' /proc/PID/cgroup.
CgroupPaths follow_v2_member(const CgroupPaths& container, std::string_view own_cgroup);

}  // namespace brig
