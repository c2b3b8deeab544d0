#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "linux/ids/plan.h"
#include "sys/fd.h"

namespace brig {

// Writes the maps of the user namespace that `pid`, our child, has just entered, or has the plan's
// helpers write them.
Result<> apply_id_maps(pid_t pid, const IdPlan& plan);

// A user namespace with these maps and nobody in it, for what takes one by descriptor.
Result<Fd> make_user_namespace(const IdPlan& plan);

}  // namespace brig
