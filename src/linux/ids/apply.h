#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "linux/ids/plan.h"

namespace brig {

// Writes the maps of the user namespace that `pid`, our child, has just entered. Needs
// CAP_SETUID and CAP_SETGID over the parent user namespace.
Result<> apply_id_maps(pid_t pid, const IdPlan& plan);

}  // namespace brig
