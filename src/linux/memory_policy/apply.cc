#include "linux/memory_policy/apply.h"

#include "sys/memory_policy.h"

namespace brig {

Result<> apply_memory_policy(const MemoryPolicyPlan& plan) {
  TRY_DOING(sys::set_memory_policy(plan.mode, plan.nodes), "linux.memoryPolicy");
  return {};
}

}  // namespace brig
