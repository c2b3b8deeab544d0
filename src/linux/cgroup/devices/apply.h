// Device rules in force: for a new cgroup, and in place of others while processes run.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "linux/cgroup/types.h"
#include "sys/fd.h"

namespace brig {

// To a new cgroup2 directory.
Result<> attach_device_rules(const std::vector<std::uint64_t>& program, FdRef cgroup);

struct ReplacedProgram {
  Fd now;
  Fd before;  // none: there were no rules
};

// In one step, so that there is no moment without a filter.
Result<ReplacedProgram> replace_device_rules(const std::vector<std::uint64_t>& program,
                                             FdRef cgroup);
Result<> undo_replaced_rules(const ReplacedProgram& replaced, FdRef cgroup);

// The same for v1; `wanted` as v1_device_writes() has it. Where the kernel forces us to begin with
// nothing allowed, the container's processes stand still meanwhile, if they can be stopped.
Result<> replace_v1_device_rules(const std::vector<CgroupWrite>& wanted, const CgroupPaths& paths);

}  // namespace brig
