#include "linux/cgroup/stats/controllers.h"

#include <gtest/gtest.h>

#include <utility>

#include "sys/temp_directory_test.h"

namespace brig {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;
using Counts = std::vector<std::uint64_t>;

class ReadControllers : public testing::Test {
 protected:
  void make(const Files& files) {
    for (const auto& [name, content] : files) folder_.make_file(name, content);
  }
  CgroupStats v1(std::string_view controllers) {
    CgroupStats stats;
    const Result<> done = read_v1_controllers(files(), controllers, stats);
    EXPECT_TRUE(done) << done.error().message();
    return stats;
  }
  CgroupStats v2() {
    CgroupStats stats;
    const Result<> done = read_v2_controllers(files(), stats);
    EXPECT_TRUE(done) << done.error().message();
    return stats;
  }

 private:
  CounterFiles files() { return CounterFiles(folder_.open(".")); }
  TempDirectory folder_;
};

TEST_F(ReadControllers, V1CpuTimeIsInTicksAndNanoseconds) {
  make({{"cpuacct.stat", "user 150\nsystem 25\n"},
        {"cpuacct.usage", "1750012345\n"},
        {"cpuacct.usage_percpu", "1000012345 750000000 \n"},
        {"cpuacct.usage_all", "cpu user system\n0 900000000 100012345\n1 600000000 150000000\n"},
        {"cpu.stat",
         "nr_periods 40\nnr_throttled 7\nthrottled_time 123456789\nnr_bursts 3\nburst_time 4000\n"},
        {"cpu.cfs_quota_us", "50000\n"}});
  const CpuStats cpu = v1("cpu,cpuacct").cpu;
  EXPECT_EQ(cpu.total_ns, 1750012345U);
  EXPECT_EQ(cpu.user_ns, 1'500'000'000U);
  EXPECT_EQ(cpu.kernel_ns, 250'000'000U);
  EXPECT_EQ(cpu.percpu_ns, (Counts{1000012345, 750000000}));
  EXPECT_EQ(cpu.percpu_user_ns, (Counts{900000000, 600000000}));
  EXPECT_EQ(cpu.percpu_kernel_ns, (Counts{100012345, 150000000}));
  EXPECT_EQ(cpu.periods, 40U);
  EXPECT_EQ(cpu.throttled_periods, 7U);
  EXPECT_EQ(cpu.throttled_ns, 123456789U);
  EXPECT_EQ(cpu.burst_periods, 3U);
  EXPECT_EQ(cpu.burst_ns, 4000U);
}

TEST_F(ReadControllers, V2CpuTimeIsInMicroseconds) {
  make({{"cpu.stat",
         "usage_usec 1750012\nuser_usec 1500000\nsystem_usec 250012\nnr_periods 40\n"
         "nr_throttled 7\nthrottled_usec 123456\nnr_bursts 3\nburst_usec 4\n"},
        {"cpu.pressure", "some avg10=1.50 avg60=0.00 avg300=0.00 total=9\n"}});
  const CpuStats cpu = v2().cpu;
  EXPECT_EQ(cpu.total_ns, 1750012000U);
  EXPECT_EQ(cpu.user_ns, 1'500'000'000U);
  EXPECT_EQ(cpu.kernel_ns, 250'012'000U);
  EXPECT_EQ(cpu.periods, 40U);
  EXPECT_EQ(cpu.throttled_periods, 7U);
  EXPECT_EQ(cpu.throttled_ns, 123456000U);
  EXPECT_EQ(cpu.burst_periods, 3U);
  EXPECT_EQ(cpu.burst_ns, 4000U);
  ASSERT_TRUE(cpu.pressure);
  EXPECT_EQ(cpu.pressure->some.avg10, 150U);
}

TEST_F(ReadControllers, V1MemoryHasFourCounters) {
  make({{"memory.usage_in_bytes", "2523136\n"},
        {"memory.max_usage_in_bytes", "3000000\n"},
        {"memory.limit_in_bytes", "67108864\n"},
        {"memory.failcnt", "12\n"},
        {"memory.memsw.usage_in_bytes", "2523137\n"},
        {"memory.memsw.max_usage_in_bytes", "3000001\n"},
        {"memory.memsw.limit_in_bytes", "9223372036854771712\n"},
        {"memory.memsw.failcnt", "0\n"},
        {"memory.kmem.usage_in_bytes", "520192\n"},
        {"memory.kmem.tcp.failcnt", "4\n"},
        {"memory.stat", "cache 12288\nrss 1794048\ntotal_swap 8192\ntotal_inactive_file 4096\n"},
        {"memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"}});
  const MemoryStats memory = v1("memory").memory;
  EXPECT_EQ(memory.usage, (MemoryCounter{2523136, 3000000, 12, 67108864}));
  EXPECT_EQ(memory.swap, (MemoryCounter{2523137, 3000001, 0, 9223372036854771712U}));
  EXPECT_EQ(memory.kernel, (MemoryCounter{.usage = 520192}));
  EXPECT_EQ(memory.kernel_tcp, (MemoryCounter{.failcnt = 4}));
  EXPECT_EQ(memory.cache, 12288U);
  EXPECT_EQ(memory.swapped, 8192U);
  EXPECT_EQ(memory.raw.at("rss"), 1794048U);
  EXPECT_EQ(memory.events, (KeyValues{{"oom_kill", 2}}));
}

TEST_F(ReadControllers, V2SwapIsReportedTogetherWithMemory) {
  make({{"memory.current", "1000\n"},
        {"memory.peak", "1500\n"},
        {"memory.max", "67108864\n"},
        {"memory.swap.current", "200\n"},
        {"memory.swap.peak", "300\n"},
        {"memory.swap.max", "1048576\n"},
        {"memory.stat", "anon 600\nfile 400\n"},
        {"memory.events", "low 0\nhigh 1\nmax 5\noom 1\noom_kill 1\noom_group_kill 0\n"},
        {"memory.pressure",
         "some avg10=0.00 avg60=0.00 avg300=0.00 total=160466\n"
         "full avg10=0.00 avg60=0.00 avg300=0.00 total=17237\n"}});
  const MemoryStats memory = v2().memory;
  EXPECT_EQ(memory.usage, (MemoryCounter{1000, 1500, 0, 67108864}));
  EXPECT_EQ(memory.swap, (MemoryCounter{1200, 0, 0, 68157440}));
  EXPECT_EQ(memory.swapped, 200U);
  EXPECT_EQ(memory.cache, 400U);
  EXPECT_EQ(memory.events.at("oom_kill"), 1U);
  EXPECT_EQ(memory.pressure->full.total_us, 17237U);
}

struct SwapLimitCase {
  const char* name;
  const char* memory_max;
  const char* swap_max;  // nullptr: no such file
  std::uint64_t limit;
};

class V2SwapLimit : public testing::TestWithParam<SwapLimitCase> {};

TEST_P(V2SwapLimit, IsTheSumOrNone) {
  const TempDirectory folder;
  folder.make_file("memory.max", GetParam().memory_max);
  if (GetParam().swap_max != nullptr) folder.make_file("memory.swap.max", GetParam().swap_max);
  CgroupStats stats;
  ASSERT_TRUE(read_v2_controllers(CounterFiles(folder.open(".")), stats));
  EXPECT_EQ(stats.memory.swap.limit, GetParam().limit);
}

INSTANTIATE_TEST_SUITE_P(Cases, V2SwapLimit,
                         testing::Values(SwapLimitCase{"Both", "100\n", "50\n", 150},
                                         SwapLimitCase{"NoSwapLimit", "100\n", "max\n", kNoLimit},
                                         SwapLimitCase{"NoMemoryLimit", "max\n", "50\n", kNoLimit},
                                         SwapLimitCase{"Neither", "max\n", "max\n", kNoLimit},
                                         SwapLimitCase{"NoSwapAccounting", "100\n", nullptr, 100}),
                         [](const auto& value) { return value.param.name; });

TEST_F(ReadControllers, V1Cpuset) {
  make({{"cpuset.cpus", "0-1,3\n"},
        {"cpuset.mems", "0\n"},
        {"cpuset.cpu_exclusive", "1\n"},
        {"cpuset.sched_load_balance", "1\n"},
        {"cpuset.sched_relax_domain_level", "-1\n"}});
  const CpusetStats cpuset = v1("cpuset").cpuset;
  EXPECT_EQ(cpuset.cpus, (Counts{0, 1, 3}));
  EXPECT_EQ(cpuset.mems, (Counts{0}));
  EXPECT_EQ(cpuset.cpu_exclusive, 1U);
  EXPECT_EQ(cpuset.mem_hardwall, 0U);
  EXPECT_EQ(cpuset.sched_load_balance, 1U);
  EXPECT_EQ(cpuset.sched_relax_domain_level, -1);
}

TEST_F(ReadControllers, V2CpusetIsWhatIsEffective) {
  make({{"cpuset.cpus", "\n"},
        {"cpuset.cpus.effective", "0-1\n"},
        {"cpuset.mems.effective", "0\n"}});
  const CpusetStats cpuset = v2().cpuset;
  EXPECT_EQ(cpuset.cpus, (Counts{0, 1}));
  EXPECT_EQ(cpuset.mems, (Counts{0}));
}

TEST_F(ReadControllers, PidsWithAndWithoutALimit) {
  make({{"pids.current", "5\n"}, {"pids.max", "max\n"}, {"pids.events", "max 3\n"}});
  for (const PidsStats& pids : {v1("pids").pids, v2().pids}) {
    EXPECT_EQ(pids.current, 5U);
    EXPECT_EQ(pids.limit, 0U);
    EXPECT_EQ(pids.denied, 3U);
  }
}

TEST_F(ReadControllers, V1IoIsTheSchedulersWhereItCounts) {
  make({{"blkio.bfq.io_service_bytes_recursive", "8:0 Read 10\n8:0 Write 20\nTotal 30\n"},
        {"blkio.throttle.io_service_bytes_recursive", "8:0 Read 11\n8:0 Write 21\nTotal 32\n"},
        {"blkio.bfq.io_serviced_recursive", "Total 0\n"},
        {"blkio.throttle.io_serviced_recursive", "8:0 Read 2\nTotal 2\n"},
        {"blkio.bfq.time_recursive", "8:0 99\n"}});
  const IoStats io = v1("blkio").io;
  EXPECT_EQ(io.service_bytes, (std::vector<IoEntry>{{8, 0, "Read", 10}, {8, 0, "Write", 20}}));
  EXPECT_EQ(io.serviced, (std::vector<IoEntry>{{8, 0, "Read", 2}}));
  EXPECT_EQ(io.time, (std::vector<IoEntry>{{8, 0, "", 99}}));
  EXPECT_TRUE(io.sectors.empty());
}

TEST_F(ReadControllers, V2Io) {
  make({{"io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n"}});
  const IoStats io = v2().io;
  EXPECT_EQ(io.service_bytes, (std::vector<IoEntry>{{8, 0, "Read", 1}, {8, 0, "Write", 2}}));
  EXPECT_EQ(io.serviced, (std::vector<IoEntry>{{8, 0, "Read", 3}, {8, 0, "Write", 4}}));
  EXPECT_EQ(io.raw.at("8:0").at("wios"), 4U);
  EXPECT_FALSE(io.pressure);
}

TEST_F(ReadControllers, HugePagesAreThoseReserved) {
  make({{"hugetlb.2MB.current", "0\n"},
        {"hugetlb.2MB.rsvd.current", "4194304\n"},
        {"hugetlb.2MB.events", "max 6\n"},
        {"hugetlb.1GB.current", "1073741824\n"}});
  const std::map<std::string, HugetlbStats> wanted = {{"2MB", {4194304, 0, 6}},
                                                      {"1GB", {1073741824, 0, 0}}};
  EXPECT_EQ(v2().hugetlb, wanted);
}

TEST_F(ReadControllers, V1HugePages) {
  make({{"hugetlb.2MB.usage_in_bytes", "1\n"},
        {"hugetlb.2MB.max_usage_in_bytes", "2\n"},
        {"hugetlb.2MB.failcnt", "3\n"}});
  const std::map<std::string, HugetlbStats> wanted = {{"2MB", {1, 2, 3}}};
  EXPECT_EQ(v1("hugetlb").hugetlb, wanted);
}

TEST_F(ReadControllers, RdmaAndMisc) {
  make({{"rdma.current", "mlx5_0 hca_handle=1 hca_object=2\n"},
        {"rdma.max", "mlx5_0 hca_handle=10 hca_object=max\n"},
        {"misc.current", "sev 3\nsev_es 0\n"},
        {"misc.max", "sev 5\nsev_es max\n"},
        {"misc.events", "sev.max 7\n"}});
  const CgroupStats stats = v2();
  EXPECT_EQ(stats.rdma_current.at("mlx5_0"), (RdmaStats{1, 2}));
  EXPECT_EQ(stats.rdma_limit.at("mlx5_0"), (RdmaStats{10, kNoLimit}));
  EXPECT_EQ(stats.misc.at("sev"), (MiscStats{3, 5, 7}));
  EXPECT_EQ(stats.misc.at("sev_es"), (MiscStats{0, kNoLimit, 0}));
}

TEST_F(ReadControllers, WhatIsNotThereIsZero) {
  const CgroupStats stats = v2();
  EXPECT_EQ(stats.cpu.total_ns, 0U);
  EXPECT_EQ(stats.memory.usage, MemoryCounter{});
  EXPECT_FALSE(stats.memory.pressure);
  EXPECT_TRUE(stats.hugetlb.empty());
  EXPECT_EQ(v1("cpu,cpuacct,memory,blkio,pids,cpuset,hugetlb,unknown").pids.current, 0U);
}

TEST(CounterFiles, ACgroupThatIsGoneReadsAsEmpty) {
  CgroupStats stats;
  const CounterFiles none{Fd()};
  EXPECT_TRUE(read_v2_controllers(none, stats));
  EXPECT_TRUE(read_v1_controllers(none, "memory,hugetlb", stats));
  EXPECT_EQ(stats.memory.usage, MemoryCounter{});
}

}  // namespace
}  // namespace brig
