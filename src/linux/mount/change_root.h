// From the host's root to the container's.
#pragma once

#include "base/error.h"
#include "linux/mount/plan.h"
#include "sys/fd.h"

namespace brig {

// In a mount namespace just made: what is mounted here must not appear on the host.
Result<> stop_propagation();

// Attaches the rootfs tree where a hook expects it: at its own path on the host.
Result<> attach_root_at_path(const RootPlan& plan, FdRef tree);

enum class RootAttached : bool { No, Yes };

// Makes `root` (the tree, or the directory for ChrootOnly) the root and the current directory.
// After PivotRoot nothing of the host's file system can be named any more.
Result<> change_root(const RootPlan& plan, FdRef root, RootAttached attached);

}  // namespace brig
