// The counters of each controller, from the files of one cgroup.
#pragma once

#include <string_view>

#include "base/error.h"
#include "linux/cgroup/stats/files.h"
#include "linux/cgroup/stats/stats.h"

namespace brig {

// Of the controllers of one hierarchy: "cpu,cpuacct".
Result<> read_v1_controllers(const CounterFiles& files, std::string_view controllers,
                             CgroupStats& stats);
// Which controllers a v2 cgroup has, its files show.
Result<> read_v2_controllers(const CounterFiles& files, CgroupStats& stats);

// These three have the same files in both versions.
Result<> read_pids(const CounterFiles& files, CgroupStats& stats);
Result<> read_rdma(const CounterFiles& files, CgroupStats& stats);
Result<> read_misc(const CounterFiles& files, CgroupStats& stats);

}  // namespace brig
