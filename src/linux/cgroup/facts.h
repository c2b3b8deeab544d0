// What cgroups this host has, from /proc/self/mountinfo and /proc/self/cgroup; on a pure v2 host
// from one statfs(2).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "linux/cgroup/types.h"

namespace brig {

// What the plan will ask for. Reading costs time on every start, so only this is read.
struct CgroupNeeds {
  bool own_path = false;        // of our own v2 cgroup: for relative paths, and without privilege
  bool v2_controllers = false;  // for limits, and for cgroups that an engine will look into
  bool operator==(const CgroupNeeds&) const = default;
};

struct CgroupHierarchy {
  std::string mount;                     // "/sys/fs/cgroup/cpu,cpuacct"
  std::vector<std::string> controllers;  // {"cpu", "cpuacct"}, {"name=systemd"}
  // Our own cgroup, below the mount: "/" at the top, "" when the mount does not show it.
  std::string own_path;
  bool read_only = false;  // no cgroup can be made there
  bool delegated = true;   // we may make cgroups below our own; only probed for own_path
  bool operator==(const CgroupHierarchy&) const = default;
};

struct CgroupV2Tree {
  std::string mount;                     // "/sys/fs/cgroup"
  std::vector<std::string> controllers;  // of cgroup.controllers at the mount, if asked for
  std::string own_path;                  // as above; if asked for
  // The cgroup nearest to our own below which we may create cgroups; "" when there is none.
  // Only probed together with own_path.
  std::string delegated;
  bool read_only = false;
  bool operator==(const CgroupV2Tree&) const = default;
};

struct CgroupFacts {
  CgroupMode mode = CgroupMode::None;
  std::vector<CgroupHierarchy> v1;
  std::vector<CgroupV2Tree> v2;  // one or none
  bool operator==(const CgroupFacts&) const = default;
};

Result<CgroupFacts> probe_cgroup_facts(const CgroupNeeds& needs);

// The pure half: from the text of /proc/self/mountinfo and /proc/self/cgroup.
CgroupFacts cgroup_facts_from(std::string_view mountinfo, std::string_view self_cgroup);

}  // namespace brig
