// The state of the container as hooks get it on their standard input (runtime.md, "State").
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/json.h"
#include "init/plan.h"
#include "linux/hooks/apply.h"

namespace brig {

// `pid` as seen from where the hook runs; 0 leaves it out (stopped).
void write_hook_state(json::Writer& writer, const HookIdentity& identity, std::string_view status,
                      pid_t pid);
// Of hooks that init runs: in its working directory.
HookContext hook_context(const InitPlan& plan, std::string_view state_json);
std::string hook_state_json(const HookIdentity& identity, std::string_view status, pid_t pid);

}  // namespace brig
