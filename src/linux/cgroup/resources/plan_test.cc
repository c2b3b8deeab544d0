#include "linux/cgroup/resources/plan.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "spec/types.h"

namespace brig {
namespace {

const CgroupPaths kV1{CgroupMode::V1,
                      {{"/cg/cpu", "/w", "cpu,cpuacct"},
                       {"/cg/cpuset", "/w", "cpuset"},
                       {"/cg/memory", "/w", "memory"},
                       {"/cg/pids", "/w", "pids"},
                       {"/cg/blkio", "/w", "blkio"},
                       {"/cg/hugetlb", "/w", "hugetlb"},
                       {"/cg/net", "/w", "net_cls,net_prio"},
                       {"/cg/rdma", "/w", "rdma"}},
                      {}};
const CgroupPaths kV2{CgroupMode::V2, {}, {{"/cg", "/w", ""}}};
const std::vector<std::string> kAllV2 = {"cpuset", "cpu",     "io",   "memory",
                                         "pids",   "hugetlb", "rdma", "misc"};

using Lines = std::vector<std::string>;
using Fill = std::function<void(spec::Resources&)>;

// "file=value", with ? for "may be absent", ~ for "swap with next", | for "else next".
Lines lines_of(const Fill& fill, const CgroupPaths& paths, const std::vector<std::string>& v2) {
  spec::Resources resources;
  fill(resources);
  const CgroupPlaces places{.paths = paths, .v2_controllers = v2, .why_none = {}};
  const Result<std::vector<CgroupWrite>> writes = plan_cgroup_limits(resources, places);
  if (!writes) return {writes.error().message()};
  Lines lines;
  for (const CgroupWrite& write : *writes)
    lines.push_back(cat(write.file, "=", write.value, write.may_be_absent ? "?" : "",
                        write.swap_with_next ? "~" : "", write.else_next ? "|" : ""));
  return lines;
}

struct Row {
  const char* name;
  Fill fill;
  Lines v1, v2;
};

void expect_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    EXPECT_EQ(lines_of(row.fill, kV1, {}), row.v1) << row.name << " on v1";
    EXPECT_EQ(lines_of(row.fill, kV2, kAllV2), row.v2) << row.name << " on v2";
  }
}

Fill memory(const spec::Memory& value) {
  return [=](spec::Resources& resources) { resources.memory = value; };
}
Fill memory(std::optional<std::int64_t> limit, std::optional<std::int64_t> swap) {
  spec::Memory value;
  value.limit = limit;
  value.swap = swap;
  return memory(value);
}
Fill cpu(const std::function<void(spec::Cpu&)>& change) {
  spec::Cpu value;
  change(value);
  return [=](spec::Resources& resources) { resources.cpu = value; };
}

TEST(CgroupLimits, MemoryAndSwap) {
  const Lines needs_limit = {
      "linux.resources.memory.swap: counts memory and swap together, so it needs memory.limit"};
  const Lines below = {
      "linux.resources.memory.swap: 50 is less than memory.limit 100; it counts memory and swap "
      "together"};
  expect_rows({
      {"nothing", memory({}, {}), {}, {}},
      {"zero is unset", memory(0, 0), {}, {}},
      {"limit", memory(100, {}), {"memory.limit_in_bytes=100"}, {"memory.max=100"}},
      {"limit and more swap",
       memory(100, 150),
       {"memory.limit_in_bytes=100~", "memory.memsw.limit_in_bytes=150"},
       {"memory.max=100", "memory.swap.max=50"}},
      {"no swap",
       memory(100, 100),
       {"memory.limit_in_bytes=100~", "memory.memsw.limit_in_bytes=100"},
       {"memory.max=100", "memory.swap.max=0?"}},
      {"any swap",
       memory(100, -1),
       {"memory.limit_in_bytes=100~", "memory.memsw.limit_in_bytes=-1?"},
       {"memory.max=100", "memory.swap.max=max?"}},
      {"unlimited",
       memory(-1, {}),
       {"memory.limit_in_bytes=-1?"},
       {"memory.max=max?", "memory.swap.max=max?"}},
      {"swap alone", memory({}, 100), needs_limit, needs_limit},
      {"only any swap",
       memory({}, -1),
       {"memory.memsw.limit_in_bytes=-1?"},
       {"memory.swap.max=max?"}},
      {"less swap than memory", memory(100, 50), below, below},
      {"swap below unlimited memory",
       memory(-1, 100),
       {"linux.resources.memory.swap: cgroup v1 counts memory and swap together: below unlimited "
        "memory there is no limit for both"},
       {"memory.max=max?", "memory.swap.max=100"}},
      {"not a size",
       memory(-2, {}),
       {"linux.resources.memory.limit: -2 is neither a number of bytes nor -1"},
       {"linux.resources.memory.limit: -2 is neither a number of bytes nor -1"}},
  });
}

TEST(CgroupLimits, MemoryReservation) {
  spec::Memory some, unlimited;
  some.reservation = 100;
  unlimited.reservation = -1;
  expect_rows({
      {"bytes", memory(some), {"memory.soft_limit_in_bytes=100"}, {"memory.low=100"}},
      {"max", memory(unlimited), {"memory.soft_limit_in_bytes=-1"}, {"memory.low=max"}},
  });
}

TEST(CgroupLimits, MemoryKnobsOfV1) {
  spec::Memory kernel, tcp, swappiness, unset_swappiness, oom, no_oom, hierarchy, flat;
  kernel.kernel = 1;
  tcp.kernel_tcp = 2;
  swappiness.swappiness = 0;
  unset_swappiness.swappiness = UINT64_MAX;
  oom.disable_oom_killer = true;
  no_oom.disable_oom_killer = false;
  hierarchy.use_hierarchy = true;
  flat.use_hierarchy = false;
  const auto v2_has_no = [](const char* json, const char* file) -> Lines {
    return {cat("linux.resources.", json, ": cgroup v2 has no ", file)};
  };
  expect_rows({
      {"kernel",
       memory(kernel),
       {"memory.kmem.limit_in_bytes=1"},
       v2_has_no("memory.kernel", "memory.kmem.limit_in_bytes")},
      {"kernelTCP",
       memory(tcp),
       {"memory.kmem.tcp.limit_in_bytes=2"},
       v2_has_no("memory.kernelTCP", "memory.kmem.tcp.limit_in_bytes")},
      {"swappiness",
       memory(swappiness),
       {"memory.swappiness=0"},
       v2_has_no("memory.swappiness", "memory.swappiness")},
      {"swappiness -1", memory(unset_swappiness), {}, {}},
      {"disableOOMKiller",
       memory(oom),
       {"memory.oom_control=1"},
       v2_has_no("memory.disableOOMKiller", "memory.oom_control")},
      {"disableOOMKiller false", memory(no_oom), {}, {}},
      {"useHierarchy", memory(hierarchy), {"memory.use_hierarchy=1"}, {}},
      {"useHierarchy false",
       memory(flat),
       {"memory.use_hierarchy=0"},
       v2_has_no("memory.useHierarchy", "memory.use_hierarchy")},
  });
}

TEST(CgroupLimits, CpuSharesAndIdle) {
  expect_rows({
      {"shares 0", cpu([](auto& c) { c.shares = 0; }), {}, {}},
      {"shares", cpu([](auto& c) { c.shares = 1024; }), {"cpu.shares=1024"}, {"cpu.weight=100"}},
      {"shares 1",
       cpu([](auto& c) { c.shares = 1; }),
       {"linux.resources.cpu.shares: 1 is not between 2 and 262144"},
       {"cpu.weight=1"}},
      {"idle", cpu([](auto& c) { c.idle = 1; }), {"cpu.idle=1"}, {"cpu.idle=1"}},
      {"busy", cpu([](auto& c) { c.idle = 0; }), {"cpu.idle=0?"}, {"cpu.idle=0?"}},
      {"shares, then idle",
       cpu([](auto& c) { c.shares = 512, c.idle = 1; }),
       {"cpu.shares=512", "cpu.idle=1"},
       {"cpu.weight=59", "cpu.idle=1"}},
      {"shares with busy",
       cpu([](auto& c) { c.shares = 512, c.idle = 0; }),
       {"cpu.shares=512~", "cpu.idle=0?"},
       {"cpu.weight=59~", "cpu.idle=0?"}},
      {"idle 2",
       cpu([](auto& c) { c.idle = 2; }),
       {"linux.resources.cpu.idle: 2 is neither 0 nor 1"},
       {"linux.resources.cpu.idle: 2 is neither 0 nor 1"}},
  });
}

TEST(CgroupLimits, CpuBandwidth) {
  const Lines above = {"linux.resources.cpu.burst: 60000 is above cpu.quota 50000"};
  expect_rows({
      {"zeros", cpu([](auto& c) { c.quota = 0, c.period = 0; }), {}, {}},
      {"quota",
       cpu([](auto& c) { c.quota = 50000; }),
       {"cpu.cfs_quota_us=50000"},
       {"cpu.max=50000 100000"}},
      {"period",
       cpu([](auto& c) { c.period = 20000; }),
       {"cpu.cfs_period_us=20000"},
       {"cpu.max=max 20000"}},
      {"both",
       cpu([](auto& c) { c.quota = 50000, c.period = 20000; }),
       {"cpu.cfs_period_us=20000~", "cpu.cfs_quota_us=50000"},
       {"cpu.max=50000 20000"}},
      {"unlimited",
       cpu([](auto& c) { c.quota = -1; }),
       {"cpu.cfs_quota_us=-1?"},
       {"cpu.max=max 100000"}},
      {"burst",
       cpu([](auto& c) { c.quota = 50000, c.burst = 10000; }),
       {"cpu.cfs_quota_us=50000~", "cpu.cfs_burst_us=10000"},
       {"cpu.max=50000 100000~", "cpu.max.burst=10000"}},
      {"burst 0", cpu([](auto& c) { c.burst = 0; }), {"cpu.cfs_burst_us=0?"}, {"cpu.max.burst=0?"}},
      {"too much burst", cpu([](auto& c) { c.quota = 50000, c.burst = 60000; }), above, above},
  });
}

TEST(CgroupLimits, RealtimeAndSets) {
  expect_rows({
      {"realtime",
       cpu([](auto& c) { c.realtime_period = 1000000, c.realtime_runtime = 950000; }),
       {"cpu.rt_period_us=1000000~", "cpu.rt_runtime_us=950000"},
       {"linux.resources.cpu.realtimePeriod: cgroup v2 has no cpu.rt_period_us"}},
      {"realtime zero",
       cpu([](auto& c) { c.realtime_period = 0, c.realtime_runtime = 0; }),
       {},
       {}},
      {"sets",
       cpu([](auto& c) { c.cpus = "0-1", c.mems = "0"; }),
       {"cpuset.cpus=0-1", "cpuset.mems=0"},
       {"cpuset.cpus=0-1", "cpuset.mems=0"}},
  });
}

TEST(CgroupLimits, ZeroPidsAreZeroAndNegativeOnesAreNoLimit) {
  const auto pids = [](std::int64_t limit) {
    return [=](spec::Resources& resources) { resources.pids_limit = limit; };
  };
  expect_rows({
      {"some", pids(100), {"pids.max=100"}, {"pids.max=100"}},
      {"zero", pids(0), {"pids.max=0"}, {"pids.max=0"}},
      {"-1", pids(-1), {"pids.max=max?"}, {"pids.max=max?"}},
  });
}

TEST(CgroupLimits, BlockIo) {
  const auto io = [](const std::function<void(spec::BlockIo&)>& change) {
    spec::BlockIo value;
    change(value);
    return [=](spec::Resources& resources) { resources.block_io = value; };
  };
  expect_rows({
      {"weight 0", io([](auto& b) { b.weight = 0, b.leaf_weight = 0; }), {}, {}},
      {"weight",
       io([](auto& b) { b.weight = 500; }),
       {"blkio.weight=500|", "blkio.bfq.weight=500"},
       {"io.bfq.weight=500|", "io.weight=4950"}},
      {"weightDevice",
       io([](auto& b) { b.weight_device = {{8, 16, 500, 300}}; }),
       {"blkio.weight_device=8:16 500|", "blkio.bfq.weight_device=8:16 500",
        "blkio.leaf_weight_device=8:16 300"},
       {"linux.resources.blockIO.weightDevice[0].leafWeight: cgroup v2 has no "
        "blkio.leaf_weight_device"}},
      {"weightDevice alone",
       io([](auto& b) { b.weight_device = {{8, 16, 500, {}}}; }),
       {"blkio.weight_device=8:16 500|", "blkio.bfq.weight_device=8:16 500"},
       {"io.bfq.weight=8:16 500|", "io.weight=8:16 4950"}},
      {"leafWeight",
       io([](auto& b) { b.leaf_weight = 300; }),
       {"blkio.leaf_weight=300"},
       {"linux.resources.blockIO.leafWeight: cgroup v2 has no blkio.leaf_weight"}},
      {"throttle",
       io([](auto& b) {
         b.throttle_read_bps = {{8, 0, 1}}, b.throttle_write_bps = {{8, 0, 2}};
         b.throttle_read_iops = {{8, 0, 3}}, b.throttle_write_iops = {{8, 0, 4}};
       }),
       {"blkio.throttle.read_bps_device=8:0 1", "blkio.throttle.write_bps_device=8:0 2",
        "blkio.throttle.read_iops_device=8:0 3", "blkio.throttle.write_iops_device=8:0 4"},
       {"io.max=8:0 rbps=1", "io.max=8:0 wbps=2", "io.max=8:0 riops=3", "io.max=8:0 wiops=4"}},
      {"no throttle",
       io([](auto& b) { b.throttle_write_bps = {{8, 0, 0}}; }),
       {"blkio.throttle.write_bps_device=8:0 0"},
       {"io.max=8:0 wbps=max"}},
  });
}

TEST(CgroupLimits, HugepagesNetworkAndRdma) {
  const auto huge = [](const char* size) {
    return [=](spec::Resources& resources) { resources.hugepage_limits = {{size, 42}}; };
  };
  const Lines no_size = {
      "linux.resources.hugepageLimits[0].pageSize: '../x' is not a size such as 64KB, 2MB or 1GB"};
  const auto network = [](spec::Resources& resources) {
    resources.network = spec::NetworkResources{.class_id = 5, .priorities = {{"eth0", 7}}};
  };
  const auto rdma = [](spec::Resources& resources) {
    resources.rdma = {{"mlx5_1", {3, 10000}}, {"mlx4_0", {{}, 2}}};
  };
  const Lines devices = {"rdma.max=mlx4_0 hca_object=2",
                         "rdma.max=mlx5_1 hca_handle=3 hca_object=10000"};
  expect_rows({
      {"hugepages",
       huge("2MB"),
       {"hugetlb.2MB.limit_in_bytes=42", "hugetlb.2MB.rsvd.limit_in_bytes=42?"},
       {"hugetlb.2MB.max=42", "hugetlb.2MB.rsvd.max=42?"}},
      {"page size", huge("../x"), no_size, no_size},
      {"network",
       network,
       {"net_cls.classid=5", "net_prio.ifpriomap=eth0 7"},
       {"linux.resources.network.classID: net_cls.classid: the net_cls controller is not in "
        "/cg/cgroup.controllers (cpuset cpu io memory pids hugetlb rdma misc)"}},
      {"rdma", rdma, devices, devices},
  });
}

TEST(CgroupLimits, UnifiedIsForV2LineByLine) {
  const auto unified = [](spec::StringMap map) {
    return [=](spec::Resources& resources) { resources.unified = map; };
  };
  const Lines bad = {
      "linux.resources.unified.cgroup.procs: not the name of a file with a limit, such as "
      "memory.high"};
  expect_rows({
      {"memory",
       unified({{"memory.high", "1000"}}),
       {"linux.resources.unified.memory.high: cgroup v1 has no memory.high"},
       {"memory.high=1000"}},
      {"lines",
       unified({{"io.max", "8:0 rbps=1\n8:16 rbps=2\n"}}),
       {"linux.resources.unified.io.max: io.max: no cgroup v1 hierarchy of this host has the io "
        "controller"},
       {"io.max=8:0 rbps=1", "io.max=8:16 rbps=2"}},
      {"core",
       unified({{"cgroup.max.depth", "3"}}),
       {"linux.resources.unified.cgroup.max.depth: cgroup.max.depth: no cgroup v1 hierarchy of "
        "this host has the cgroup controller"},
       {"cgroup.max.depth=3"}},
      {"not a limit", unified({{"cgroup.procs", "1"}}), bad, bad},
  });
}

TEST(CgroupLimits, AMissingControllerIsNamedWithFieldAndFile) {
  const CgroupPaths bare_v1{CgroupMode::V1, {{"/cg/cpu", "/w", "cpu"}}, {}};
  EXPECT_EQ(lines_of(memory(100, {}), bare_v1, {}),
            (Lines{"linux.resources.memory.limit: memory.limit_in_bytes: no cgroup v1 hierarchy of "
                   "this host has the memory controller"}));
  EXPECT_EQ(lines_of(memory(100, {}), kV2, {"cpu", "pids"}),
            (Lines{"linux.resources.memory.limit: memory.max: the memory controller is not in "
                   "/cg/cgroup.controllers (cpu pids)"}));
  EXPECT_EQ(lines_of(memory(100, {}), kV2, {}),
            (Lines{"linux.resources.memory.limit: memory.max: the memory controller is not in "
                   "/cg/cgroup.controllers (empty)"}));
}

TEST(CgroupLimits, NoLimitNeedsNoController) {
  EXPECT_EQ(lines_of(memory(-1, -1), kV2, {}), Lines{});
  EXPECT_EQ(lines_of([](auto& resources) { resources.pids_limit = -1; }, kV2, {}), Lines{});
}

TEST(CgroupLimits, OnAHybridHostEachControllerIsWhereTheKernelHasIt) {
  const CgroupPaths hybrid{
      CgroupMode::Hybrid, {{"/cg/pids", "/w", "pids"}}, {{"/cg/unified", "/w", ""}}};
  const auto both = [](spec::Resources& resources) {
    resources.memory = spec::Memory{};
    resources.memory->limit = 100;
    resources.pids_limit = 5;
  };
  EXPECT_EQ(lines_of(both, hybrid, {"memory"}), (Lines{"memory.max=100", "pids.max=5"}));
}

}  // namespace
}  // namespace brig
