#pragma once

#include "base/error.h"
#include "linux/personality/plan.h"

namespace brig {

// Of the calling process; execve(2) keeps it.
Result<> apply_personality(const PersonalityPlan& plan);

}  // namespace brig
