#include "cli/events_json.h"

#include <gtest/gtest.h>

namespace brig::cli {
namespace {

using runtime::ContainerStats;

// What runc 1.1.5 prints of a container on a v1 host, but for the numbers.
TEST(StatsEvent, OnV1IsRuncsToTheField) {
  ContainerStats stats;
  stats.id = "web";
  CgroupStats& cgroup = stats.cgroup;
  cgroup.cpu.total_ns = 11405389;
  cgroup.cpu.percpu_ns = {4654424, 6750965};
  cgroup.cpu.percpu_kernel_ns = {0, 4000000};
  cgroup.cpu.percpu_user_ns = {0, 0};
  cgroup.cpu.kernel_ns = 10000000;
  cgroup.cpuset.cpus = {0, 1};
  cgroup.cpuset.mems = {0};
  cgroup.cpuset.sched_load_balance = 1;
  cgroup.cpuset.sched_relax_domain_level = -1;
  cgroup.memory.cache = 12288;
  cgroup.memory.usage = {.usage = 2523136, .max = 2523137, .failcnt = 0, .limit = 67108864};
  cgroup.memory.swap = {.usage = 2523136, .max = 2523137, .failcnt = 3, .limit = 67108864};
  cgroup.memory.kernel = {.usage = 520192, .max = 561152, .failcnt = 0, .limit = 99};
  cgroup.memory.kernel_tcp = {.limit = 99};
  cgroup.memory.raw = {{"active_anon", 4096}, {"cache", 12288}, {"dirty", 0}};
  cgroup.pids = {.current = 3, .limit = 0, .denied = 0};
  cgroup.io.service_bytes = {{8, 0, "Read", 4096}, {8, 0, "Write", 0}};
  cgroup.io.time = {{8, 0, "", 7}};
  cgroup.hugetlb = {{"2MB", {}}};
  EXPECT_EQ(
      stats_event(stats),
      R"({"type":"stats","id":"web","data":{"cpu":{"usage":{"total":11405389,)"
      R"("percpu":[4654424,6750965],"percpu_kernel":[0,4000000],"percpu_user":[0,0],)"
      R"("kernel":10000000,"user":0},"throttling":{}},"cpuset":{"cpus":[0,1],"cpu_exclusive":0,)"
      R"("mems":[0],"mem_hardwall":0,"mem_exclusive":0,"memory_migrate":0,)"
      R"("memory_spread_page":0,"memory_spread_slab":0,"memory_pressure":0,)"
      R"("sched_load_balance":1,"sched_relax_domain_level":-1},"memory":{"cache":12288,)"
      R"("usage":{"limit":67108864,"usage":2523136,"max":2523137,"failcnt":0},)"
      R"("swap":{"limit":67108864,"usage":2523136,"max":2523137,"failcnt":3},)"
      R"("kernel":{"limit":99,"usage":520192,"max":561152,"failcnt":0},)"
      R"("kernelTCP":{"limit":99,"failcnt":0},)"
      R"("raw":{"active_anon":4096,"cache":12288,"dirty":0}},"pids":{"current":3},)"
      R"("blkio":{"ioServiceBytesRecursive":[{"major":8,"op":"Read","value":4096},)"
      R"({"major":8,"op":"Write"}],"ioTimeRecursive":[{"major":8,"value":7}]},)"
      R"("hugetlb":{"2MB":{"failcnt":0}},"intel_rdt":{},"network_interfaces":null}})"
      "\n");
}

TEST(StatsEvent, WithNothingCountedHasRuncsZeros) {
  EXPECT_EQ(stats_event(ContainerStats{.id = "x"}),
            R"({"type":"stats","id":"x","data":{"cpu":{"usage":{"kernel":0,"user":0},)"
            R"("throttling":{}},"cpuset":{"cpu_exclusive":0,"mem_hardwall":0,"mem_exclusive":0,)"
            R"("memory_migrate":0,"memory_spread_page":0,"memory_spread_slab":0,)"
            R"("memory_pressure":0,"sched_load_balance":0,"sched_relax_domain_level":0},)"
            R"("memory":{"usage":{"limit":0,"failcnt":0},"swap":{"limit":0,"failcnt":0},)"
            R"("kernel":{"limit":0,"failcnt":0},"kernelTCP":{"limit":0,"failcnt":0}},)"
            R"("pids":{},"blkio":{},"hugetlb":{},"intel_rdt":{},"network_interfaces":null}})"
            "\n");
}

ContainerStats with_everything_of_v2() {
  ContainerStats stats{.id = "v2"};
  CgroupStats& cgroup = stats.cgroup;
  const Pressure pressure{.some = {150, 25, 0, 9}, .full = {0, 0, 10000, 8}};
  cgroup.cpu.periods = 4;
  cgroup.cpu.throttled_periods = 2;
  cgroup.cpu.throttled_ns = 1000;
  cgroup.cpu.pressure = pressure;
  cgroup.cpu.burst_periods = 3;
  cgroup.cpu.burst_ns = 500;
  cgroup.memory.usage.limit = kNoLimit;
  cgroup.memory.events = {{"oom", 1}, {"oom_kill", 1}};
  cgroup.pids = {.current = 1, .limit = 5, .denied = 7};
  cgroup.io.raw = {{"8:0", {{"cost.usage", 6}, {"rbytes", 1}}}};
  stats.network = {{.name = "eth0", .rx_bytes = 1, .tx_packets = 2}};
  cgroup.rdma_current = {{"mlx5_0", {1, 2}}};
  cgroup.rdma_limit = {{"mlx5_0", {10, kNoLimit}}};
  cgroup.misc = {{"sev", {3, 5, 7}}, {"tdx", {0, kNoLimit, 0}}};
  return stats;
}

TEST(StatsEvent, WhatRuncLacksFollowsInEachObject) {
  EXPECT_EQ(
      stats_event(with_everything_of_v2()),
      R"({"type":"stats","id":"v2","data":{"cpu":{"usage":{"kernel":0,"user":0},)"
      R"("throttling":{"periods":4,"throttledPeriods":2,"throttledTime":1000},)"
      R"("psi":{"some":{"avg10":1.5,"avg60":0.25,"avg300":0,"total":9},)"
      R"("full":{"avg10":0,"avg60":0,"avg300":100,"total":8}},)"
      R"("burst":{"burstPeriods":3,"burstTime":500}},"cpuset":{"cpu_exclusive":0,)"
      R"("mem_hardwall":0,"mem_exclusive":0,"memory_migrate":0,"memory_spread_page":0,)"
      R"("memory_spread_slab":0,"memory_pressure":0,"sched_load_balance":0,)"
      R"("sched_relax_domain_level":0},"memory":{)"
      R"("usage":{"limit":18446744073709551615,"failcnt":0},"swap":{"limit":0,"failcnt":0},)"
      R"("kernel":{"limit":0,"failcnt":0},"kernelTCP":{"limit":0,"failcnt":0},)"
      R"("events":{"oom":1,"oom_kill":1}},"pids":{"current":1,"limit":5,"failcnt":7},)"
      R"("blkio":{"raw":{"8:0":{"cost.usage":6,"rbytes":1}}},"hugetlb":{},"intel_rdt":{},)"
      R"("network_interfaces":[{"Name":"eth0","RxBytes":1,"RxPackets":0,"RxErrors":0,)"
      R"("RxDropped":0,"TxBytes":0,"TxPackets":2,"TxErrors":0,"TxDropped":0}],)"
      R"("rdma":{"current":{"mlx5_0":{"hcaHandles":1,"hcaObjects":2}},)"
      R"("limit":{"mlx5_0":{"hcaHandles":10}}},)"
      R"("misc":{"sev":{"current":3,"limit":5,"failcnt":7},"tdx":{"current":0,"failcnt":0}}}})"
      "\n");
}

TEST(OomEvent, HasNoData) {
  EXPECT_EQ(oom_event("web"), "{\"type\":\"oom\",\"id\":\"web\"}\n");
}

TEST(Decimal, HasNoZerosAtItsEnd) {
  EXPECT_EQ(decimal(0).text, "0");
  EXPECT_EQ(decimal(7).text, "0.07");
  EXPECT_EQ(decimal(50).text, "0.5");
  EXPECT_EQ(decimal(10000).text, "100");
  EXPECT_EQ(decimal(1234).text, "12.34");
}

}  // namespace
}  // namespace brig::cli
