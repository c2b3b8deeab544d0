// The last steps: from the wait for the start to the container's own program.
#pragma once

#include <sys/stat.h>

#include <functional>
#include <string>

#include "base/error.h"
#include "init/isolate.h"

namespace brig {

// Says what the file at a path is, or why it may not be executed.
using ProgramLook = std::function<Result<struct stat>(const std::string& path)>;

// The file that args[0] names, found in the PATH of the container's environment.
Result<std::string> find_program(const ExecPlan& plan, const ProgramLook& look);
// As this process sees it, from inside the container.
Result<std::string> find_program(const ExecPlan& plan);

// Waits until the container is started, then becomes its program. Never returns: what goes wrong
// is reported to whoever started the container.
[[noreturn]] void exec_program(const Init& init);

}  // namespace brig
