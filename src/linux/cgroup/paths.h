// Which cgroups a container gets: the rules for linux.cgroupsPath.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "linux/cgroup/facts.h"
#include "linux/cgroup/types.h"

namespace brig {

struct CgroupRequest {
  std::string id;           // of the container
  bool disabled = false;    // --cgroup-manager=disabled
  bool root = true;         // effective uid 0 in the initial user namespace
  bool systemd = false;     // --cgroup-manager=systemd: cgroupsPath names a unit (systemd/unit.h)
  std::string unit_cgroup;  // then: where systemd puts it
};

// Nothing where the hierarchy is mounted read-only. An absolute path counts from the top of each
// hierarchy. A relative one is below our own cgroup on v1, and on v2 beside it: our own has
// processes there and cannot have limits below it. An empty one is derived_cgroup_paths().
Result<CgroupPaths> plan_cgroup_paths(std::string_view cgroups_path, const CgroupFacts& facts,
                                      const CgroupRequest& request);

// Of a container whose configuration names none: /brig/ID from the top, so that the id alone
// leads to it; without privilege below what was delegated to us, and none where nothing was.
Result<CgroupPaths> derived_cgroup_paths(const CgroupRequest& request, const CgroupFacts& facts);

// For paths that come from a file: each must be below a mount point, and not the mount point.
Result<> validate_cgroup_paths(const CgroupPaths& paths);

}  // namespace brig
