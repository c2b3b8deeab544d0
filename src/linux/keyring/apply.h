#pragma once

#include "base/error.h"
#include "linux/keyring/plan.h"

namespace brig {

// Of the calling process; its children and execve(2) keep it. A kernel without keyrings is fine:
// then there is nothing to keep apart.
Result<> apply_keyring(const KeyringPlan& plan);

}  // namespace brig
