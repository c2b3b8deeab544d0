#pragma once

#include "base/error.h"
#include "linux/memory_policy/plan.h"

namespace brig {

// Of the calling thread; fork(2) and execve(2) keep it. In the cgroup that is to be the process's,
// because nodes outside of its cpuset are left out, or with none left refused.
Result<> apply_memory_policy(const MemoryPolicyPlan& plan);

}  // namespace brig
