// The last steps: from the wait for the start to the container's own program.
#pragma once

#include "base/error.h"
#include "init/isolate.h"

namespace brig {

// The file that args[0] names, found in the PATH of the container's environment.
Result<std::string> find_program(const ExecPlan& plan);

// Waits until the container is started, then becomes its program. Never returns: what goes wrong
// is reported to whoever started the container.
[[noreturn]] void exec_program(const Init& init);

}  // namespace brig
