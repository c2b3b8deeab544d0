// Files that hooks write to (annotations run.oci.hooks.stdout and .stderr).
#pragma once

#include <map>
#include <string>

#include "base/error.h"
#include "linux/hooks/apply.h"
#include "runtime/runtime.h"
#include "sys/fd.h"

namespace brig::runtime {

struct HookOutput {
  Fd output, error;  // none: not wanted

  [[nodiscard]] HookContext context(std::string_view state_json, FdRef cwd) const {
    return {.state_json = state_json, .cwd = cwd, .output = output, .error = error};
  }
};

// Appended to, and made if they are not there.
Result<HookOutput> open_hook_output(const std::map<std::string, std::string>& annotations);

// For hooks that are to run in any case: a file that cannot be opened is said, and done without.
HookOutput open_hook_output_or_warn(const Settings& settings,
                                    const std::map<std::string, std::string>& annotations);

}  // namespace brig::runtime
