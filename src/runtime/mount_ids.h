// The user namespaces from which id-mapped mounts take their maps. Nobody ever is in them, and they
// go as soon as their descriptors are closed: the mounts keep what they need.
#pragma once

#include <vector>

#include "base/error.h"
#include "linux/mount/plan.h"
#include "sys/fd.h"

namespace brig::runtime {

struct MountIdNamespaces {
  std::vector<Fd> made;        // one for each different pair of maps
  std::vector<FdRef> of_tree;  // for open_host_trees()
};

// `joined_user`: the user namespace that the container joins, or none.
Result<MountIdNamespaces> open_mount_id_namespaces(const MountPlan& plan, FdRef joined_user);

}  // namespace brig::runtime
