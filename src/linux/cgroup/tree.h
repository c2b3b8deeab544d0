// Walking cgroup directories by descriptor: a container can make sub-cgroups, deep and many, while
// we look.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "linux/cgroup/types.h"
#include "sys/fd.h"

namespace brig {

// The mount point, once it is certain that a cgroup filesystem is there; nullopt: nothing is.
Result<std::optional<Fd>> open_cgroup_mount(const CgroupDir& dir);

// The cgroup, readable; nullopt when it does not exist.
Result<std::optional<Fd>> open_cgroup(const CgroupDir& dir);

// Its file as text; nullopt when there is no such file, or no longer such a cgroup.
Result<std::optional<std::string>> read_cgroup_file(FdRef cgroup, const std::string& file);

struct CgroupVisitor {
  // Each cgroup before those below it.
  std::function<Result<>(FdRef cgroup)> enter = [](FdRef) { return Result<>{}; };
  // Each but the top, after those below it.
  std::function<Result<>(FdRef parent, const std::string& name)> leave =
      [](FdRef, const std::string&) { return Result<>{}; };
};

// Uses a fixed number of descriptors and no recursion, however deep the tree is.
Result<> walk_cgroups(FdRef top, const CgroupVisitor& visitor);

struct CgroupMembers {
  std::vector<pid_t> pids;
  bool hidden = false;  // there are also processes that our pid namespace does not show
};
Result<CgroupMembers> members_below(FdRef top);

}  // namespace brig
