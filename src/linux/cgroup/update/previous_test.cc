#include "linux/cgroup/update/previous.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

struct Case {
  const char *file, *value, *now, *previous;
};

constexpr Case kCases[] = {
    {"memory.max", "1048576", "max", "max"},
    {"memory.limit_in_bytes", "1048576", "9223372036854771712", "9223372036854771712"},
    {"memory.oom_control", "1", "oom_kill_disable 0\nunder_oom 0\noom_kill 3", "0"},
    {"cpu.max", "max 100000", "50000 200000", "50000 200000"},
    {"cpuset.cpus", "0-1", "", "\n"},
    {"io.weight", "200", "default 100\n8:0 300", "100"},
    {"io.weight", "8:0 200", "default 100\n8:0 300", "8:0 300"},
    {"io.weight", "8:16 200", "default 100\n8:0 300", "8:16 default"},
    {"io.max", "8:0 rbps=1", "8:1 rbps=2 wbps=max riops=max wiops=max",
     "8:0 rbps=max wbps=max riops=max wiops=max"},
    {"io.max", "8:0 rbps=1", "8:0 rbps=9 wbps=max riops=7 wiops=max",
     "8:0 rbps=9 wbps=max riops=7 wiops=max"},
    {"blkio.throttle.read_bps_device", "8:0 5", "", "8:0 0"},
    {"blkio.throttle.read_bps_device", "8:0 5", "8:0 7", "8:0 7"},
    {"net_prio.ifpriomap", "eth0 5", "lo 0\neth0 2\n", "eth0 2"},
    {"rdma.max", "mlx5_0 hca_handle=2", "mlx4_0 hca_handle=1 hca_object=max",
     "mlx5_0 hca_handle=max hca_object=max"},
};

TEST(PreviousValue, IsWhatBringsTheOldOneBack) {
  for (const Case& each : kCases) {
    const CgroupWrite write{.file = each.file, .value = each.value};
    EXPECT_EQ(previous_value(write, each.now), each.previous) << each.file << " " << each.value;
  }
}

}  // namespace
}  // namespace brig
