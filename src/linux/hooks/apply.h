#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "linux/hooks/plan.h"
#include "sys/fd.h"

namespace brig {

struct HookContext {
  std::string_view state_json;  // the container's state, all of each hook's standard input
  // The hooks' working directory: the bundle for those that run in the runtime's namespaces.
  // None: that of the caller.
  FdRef cwd = FdRef::none();
  // Where their outputs go; none: to us, who keep the end of it for the error.
  FdRef output = FdRef::none(), error = FdRef::none();
};

// Runs one hook in the namespaces and with the rights of the caller, and waits for its end. It
// gets no descriptor but 0, 1 and 2. Anything but exit status 0 in time is an error, whose text
// ends with what the hook said. May be called by the parent and by the container's init.
Result<> run_hook(const Hook& hook, const HookContext& context);

// In order, up to the first that fails.
Result<> run_hooks(const std::vector<Hook>& hooks, const HookContext& context);

}  // namespace brig
