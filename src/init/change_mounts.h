// What `mounts add` and `mounts remove` do inside the container: no program is run.
#pragma once

#include "init/isolate.h"

namespace brig {

// Tells the parent how it went, and ends this process.
[[noreturn]] void change_mounts(const Init& init) noexcept;

}  // namespace brig
