// What went wrong when a program could not be executed: the one errno of execve(2), explained by a
// look at the file.
#pragma once

#include "base/error.h"
#include "container/store.h"
#include "init/plan.h"
#include "runtime/record.h"

namespace brig::runtime {

// Adds it to `error`, if that is about an execve(2) in the container. `entered`: of a process that
// is not the container's first, whose program is in its configuration.
void explain_execve(Error& error, const Record& record, const ContainerDir& dir,
                    const ExecPlan* entered = nullptr);

}  // namespace brig::runtime
