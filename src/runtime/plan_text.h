// A plan as a text for people, in the order in which everything happens.
#pragma once

#include <string>

#include "runtime/create_plan.h"
#include "runtime/outline.h"

namespace brig::runtime {

// One act a line, so that two plans can be compared line by line. Nothing of the plan is left
// out: what this does not say, create does not do.
std::string describe(const CreatePlan& plan);
// The same, before it is a text.
Outline outline_of(const CreatePlan& plan);

}  // namespace brig::runtime
