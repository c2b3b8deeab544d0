// In a process that is in the container's mount namespace.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "linux/mount/apply.h"
#include "linux/mount/live/plan.h"
#include "linux/root.h"
#include "sys/fd.h"

namespace brig {

// `proc`: the host's procfs, from before the container was entered.
//
// All of the plan or nothing. The numbers are those of the mounts of the document.
Result<std::vector<std::uint64_t>> add_live_mounts(const MountPlan& plan, Root& root,
                                                   const DetachedMounts& mounts, FdRef proc);
void undo_live_mounts(const MountPlan& plan, const DetachedMounts& mounts, FdRef proc);

// Looks at all of them before the first goes. Whoever uses a file of one keeps that, and no one
// else finds the way to it any more.
Result<> remove_live_mounts(const std::vector<LiveMount>& removed, const Root& root, FdRef proc);

}  // namespace brig
