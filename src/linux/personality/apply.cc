#include "linux/personality/apply.h"

#include "sys/personality.h"

namespace brig {

Result<> apply_personality(const PersonalityPlan& plan) {
  return sys::set_personality(plan.domain);
}

}  // namespace brig
