#pragma once

#include "base/error.h"
#include "runtime/launch.h"

namespace brig::runtime {

// Puts the compiled filter of the plan's profile into the plan for init: from the cache below the
// state root, or compiled now.
Result<> prepare_seccomp(Launch& launch);

}  // namespace brig::runtime
