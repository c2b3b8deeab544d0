#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "linux/rlimits/plan.h"

namespace brig {

// Sets the limits of `pid` (0: the calling process), in the order of the plan. Raising a hard
// limit needs CAP_SYS_RESOURCE in the initial user namespace: do it before entering another.
Result<> apply_rlimits(pid_t pid, const RlimitPlan& plan);

}  // namespace brig
