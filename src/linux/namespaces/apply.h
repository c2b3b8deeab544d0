#pragma once

#include <vector>

#include "base/error.h"
#include "linux/namespaces/plan.h"

namespace brig {

// Takes the calling process, which has one thread, into a new time namespace with these offsets.
// While the host's procfs is visible.
Result<> apply_clock_offsets(const std::vector<ClockOffset>& offsets);

}  // namespace brig
