// Freezing one cgroup: cgroup.freeze of v2, or the v1 freezer controller.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "linux/cgroup/types.h"
#include "sys/fd.h"

namespace brig {

// False too where there is no freezer, or no cgroup.
Result<bool> is_frozen(const CgroupDir& dir);

// Only asks; the processes stop when they next return from the kernel. False: no freezer here.
Result<bool> request_freeze(const CgroupDir& dir, FdRef cgroup);
Result<bool> request_thaw(const CgroupDir& dir, FdRef cgroup);

// Waits until a requested freeze has taken effect. False at the deadline.
Result<bool> wait_frozen(const CgroupDir& dir, FdRef cgroup, std::int64_t deadline_ms);

}  // namespace brig
