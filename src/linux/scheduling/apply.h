#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "linux/scheduling/plan.h"

namespace brig {

// Of the calling thread; execve(2) keeps it. Real-time policies and priorities above the ordinary
// need CAP_SYS_NICE, in the initial user namespace.
Result<> apply_scheduling(const SchedulingPlan& plan);

// Of a process; 0 is the caller. An empty mask leaves the processors as they are. Those outside of
// the cpuset are left out; none inside is EINVAL.
Result<> apply_affinity(pid_t pid, const CpuMask& mask);

}  // namespace brig
