#pragma once

#include "base/error.h"
#include "linux/sysctl/plan.h"
#include "sys/fd.h"

namespace brig {

// Writes each value. `proc_root` is the root of a procfs that the container cannot have touched
// and that is not a subset=pid one; a parameter is written in the namespaces of the caller.
Result<> apply_sysctl(FdRef proc_root, const SysctlPlan& plan);

}  // namespace brig
