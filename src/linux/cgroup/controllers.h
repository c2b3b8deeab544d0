// Making a new cgroup usable: v2 controllers have to be enabled in every cgroup above it, below a
// threaded cgroup it has to be threaded too, and a v1 cpuset has to have processors and memory
// nodes before it takes a process.
#pragma once

#include "base/error.h"
#include "linux/cgroup/types.h"
#include "sys/fd.h"

namespace brig {

enum class CgroupParents : std::uint8_t { Existed, New };

// Enables all available controllers from the top to the cgroup's parent, as far as the kernel
// lets us; what a limit of the plan needs must be there in the end. Does nothing where nothing
// can be missing: old parents, no limits, and nobody who looks for more.
Result<> enable_controllers(const CgroupPlan& plan, FdRef cgroup, CgroupParents parents);

// A new v2 cgroup below a threaded one is "domain invalid" and takes no process. It is made
// threaded, with the new ones above it, before controllers are enabled; limits that only a domain
// can have are an error.
Result<> follow_threaded_parents(const CgroupPlan& plan, FdRef cgroup);

// Copies cpuset.cpus and cpuset.mems down from the nearest cgroup above that has some.
Result<> inherit_cpuset(const CgroupDir& dir);

}  // namespace brig
