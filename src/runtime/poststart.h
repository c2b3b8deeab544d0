#pragma once

#include "base/error.h"
#include "runtime/container.h"

namespace brig::runtime {

// After the program has started. A hook that fails ends the container and everything of it goes
// (runtime.md 1.3, "Lifecycle", step 9).
Result<> run_poststart(const Settings& settings, const Container& container, const HookPlan& hooks);

}  // namespace brig::runtime
