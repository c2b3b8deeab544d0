#pragma once

#include "base/error.h"
#include "init/isolate.h"

namespace brig {

// Puts this process under the plan's filter, and the filter's listener, if it notifies, within the
// parent's reach.
Result<> load_filter(const Init& init);

}  // namespace brig
