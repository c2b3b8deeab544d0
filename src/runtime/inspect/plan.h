// What `create` would do with a bundle on this host, without doing any of it: the plan that create
// follows, told step by step.
#pragma once

#include <string>

#include "base/error.h"
#include "runtime/outline.h"
#include "runtime/runtime.h"

namespace brig::runtime {

struct PlanReport {
  std::string id, bundle;
  Outline steps;
};

// Every fault is in the error, one a line, each with its position where it has one.
Result<PlanReport> plan(const Settings& settings, const CreateOptions& options);

}  // namespace brig::runtime
