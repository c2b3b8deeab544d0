// The way of a new process into a container that is there: what `exec` runs. The counterpart of
// isolate(), which makes the container.
#pragma once

#include "base/error.h"
#include "init/isolate.h"

namespace brig {

Result<> enter(const Init& init);

}  // namespace brig
