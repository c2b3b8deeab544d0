// Gives a cgroup to the container's user.
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "sys/fd.h"

namespace brig {

// The directory and the files that the kernel names for it, no others: with the limits' files the
// container could raise its own limits.
Result<> apply_cgroup_owner(FdRef cgroup, uid_t owner);

}  // namespace brig
