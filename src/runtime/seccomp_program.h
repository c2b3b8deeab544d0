#pragma once

#include "base/error.h"
#include "container/store.h"
#include "linux/seccomp/plan.h"
#include "linux/seccomp/program.h"

namespace brig::runtime {

// The filter of a profile: from the cache below the state root, or compiled now.
Result<SeccompProgram> compiled_filter(const Store& store, const SeccompProfile& profile);

}  // namespace brig::runtime
