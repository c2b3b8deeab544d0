// Makes the mounts of a MountPlan. The order is the caller's:
//   open_host_trees     in the parent, which can name host paths
//   make_filesystems    in the new process, in its namespaces, while the host's procfs is visible
//   attach_mounts       inside the root, before or after it becomes "/"
//   finish_filesystems  when devices and directories are in them, too
//   restrict_paths      last: masked and read-only paths, the root's own flags
#pragma once

#include <vector>

#include "base/error.h"
#include "linux/mount/plan.h"
#include "linux/root.h"
#include "sys/fd.h"

namespace brig {

// One detached tree for each of plan.trees. `id_namespaces`: as many, with a user namespace where a
// tree has HostTree::ids; empty when none has.
Result<std::vector<Fd>> open_host_trees(const MountPlan& plan,
                                        const std::vector<FdRef>& id_namespaces);

// One entry for each of plan.steps; empty where the step makes no filesystem. `made`: those that
// exist already, in their places.
Result<std::vector<Fd>> make_filesystems(const MountPlan& plan, std::vector<Fd> made = {});

// Borrowed trees and filesystems; they stay open, so that later steps can use them.
struct DetachedMounts {
  const std::vector<FdRef>& trees;
  const std::vector<Fd>& filesystems;
};

Result<> attach_mounts(const MountPlan& plan, Root& root, const DetachedMounts& mounts);
// Those with NewFilesystem::read_only_last.
Result<> finish_filesystems(const MountPlan& plan, const DetachedMounts& mounts);
// `root` knows what attach_mounts attached.
Result<> restrict_paths(const MountPlan& plan, const Root& root, const DetachedMounts& mounts);
// Read-only root and rootfsPropagation. From here on nothing can be created in the root.
Result<> finish_root(const RootPlan& plan, FdRef root_mount);

}  // namespace brig
