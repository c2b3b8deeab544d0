#include "cli/stats_table.h"

#include <gtest/gtest.h>

namespace brig::cli {
namespace {

using runtime::ContainerStats;
using Lines = std::vector<std::string>;

TEST(SizeText, HasThreeDigits) {
  struct Case {
    std::uint64_t bytes;
    const char* text;
  };
  for (const Case& each : {Case{0, "0B"},
                           {1023, "1023B"},
                           {1024, "1.00KiB"},
                           {1500, "1.46KiB"},
                           {15000, "14.6KiB"},
                           {150000, "146KiB"},
                           {1048575, "1023KiB"},
                           {67108864, "64.0MiB"},
                           {std::uint64_t{5} << 30, "5.00GiB"},
                           {std::uint64_t{5000} << 40, "5000TiB"}})
    EXPECT_EQ(size_text(each.bytes), each.text);
}

TEST(PercentText, IsRoundedToTenths) {
  EXPECT_EQ(percent_text(0), "0.0");
  EXPECT_EQ(percent_text(5), "0.1");
  EXPECT_EQ(percent_text(1234), "12.3");
  EXPECT_EQ(percent_text(9999), "100.0");
  EXPECT_EQ(percent_text(160000), "1600.0");
}

ContainerStats look(std::int64_t taken_ms, std::uint64_t cpu_ns) {
  ContainerStats stats;
  stats.id = "web";
  stats.taken_ms = taken_ms;
  stats.cgroup.cpu.total_ns = cpu_ns;
  return stats;
}

TEST(StatsRow, CpuIsTheTimeBetweenTwoLooks) {
  const ContainerStats first = look(1000, 5'000'000'000);
  EXPECT_FALSE(stats_row(nullptr, first).cpu);
  EXPECT_EQ(stats_row(&first, look(2000, 5'500'000'000)).cpu, 5000U);
  EXPECT_EQ(stats_row(&first, look(1200, 5'400'000'000)).cpu, 20000U);  // two CPUs, fully
  EXPECT_EQ(stats_row(&first, look(2000, 5'000'000'000)).cpu, 0U);
  EXPECT_FALSE(stats_row(&first, look(1000, 6'000'000'000)).cpu);
  EXPECT_EQ(stats_row(&first, look(2000, 0)).cpu, 0U);  // a counter that was reset
}

TEST(StatsRow, MemoryLeavesOutIdleFilePages) {
  ContainerStats now;
  now.cgroup.memory.usage = {.usage = 1000, .limit = 4000};
  now.cgroup.memory.raw = {{"inactive_file", 400}};
  EXPECT_EQ(stats_row(nullptr, now).memory, 600U);
  EXPECT_EQ(stats_row(nullptr, now).memory_percent, 1500U);
  now.cgroup.memory.raw["total_inactive_file"] = 100;  // v1
  EXPECT_EQ(stats_row(nullptr, now).memory, 900U);
  now.cgroup.memory.raw["total_inactive_file"] = 2000;  // read a little later
  EXPECT_EQ(stats_row(nullptr, now).memory, 0U);
}

TEST(StatsRow, NoMemoryLimitHasThreeForms) {
  for (const std::uint64_t none :
       {std::uint64_t{0}, kNoLimit, std::uint64_t{9223372036854771712}}) {
    ContainerStats now;
    now.cgroup.memory.usage.limit = none;
    EXPECT_FALSE(stats_row(nullptr, now).memory_limit) << none;
    EXPECT_FALSE(stats_row(nullptr, now).memory_percent) << none;
  }
}

TEST(StatsRow, IoIsSummedOverDevicesAndTheNetworkWithoutLoopback) {
  ContainerStats now;
  now.cgroup.io.service_bytes = {
      {8, 0, "Read", 1}, {8, 0, "Write", 20}, {8, 0, "Total", 21}, {8, 16, "Read", 2}};
  now.network = {{.name = "lo", .rx_bytes = 1000, .tx_bytes = 1000},
                 {.name = "eth0", .rx_bytes = 5, .tx_bytes = 6},
                 {.name = "eth1", .rx_bytes = 50, .tx_bytes = 60}};
  const StatsRow row = stats_row(nullptr, now);
  EXPECT_EQ(row.read, 3U);
  EXPECT_EQ(row.written, 20U);
  EXPECT_EQ(row.received, 55U);
  EXPECT_EQ(row.sent, 66U);
  EXPECT_FALSE(stats_row(nullptr, ContainerStats{}).received);
}

StatsRow web() {
  return {.id = "web",
          .cpu = 12345,
          .memory = 15'000'000,
          .memory_limit = 64 << 20,
          .memory_percent = 2235,
          .swap = 0,
          .read = 1500,
          .written = 2'000'000,
          .received = 10,
          .sent = 20,
          .pids = 3,
          .pids_limit = 10,
          .cpu_pressure = 1050,
          .memory_pressure = 0,
          .io_pressure = 7};
}
StatsRow bare() {
  return {.id = "0123456789abcdef", .memory = 1};
}

TEST(StatsTable, HasEveryColumnWhereThereIsRoom) {
  const Lines wanted = {
      "ID                  CPU %      MEM    LIMIT    MEM %     SWAP     READ    WRITE   NET RX   "
      "NET TX     PIDS  PSI CPU  PSI MEM   PSI IO",
      "0123456789abcdef        -       1B        -        -       0B       0B       0B        -   "
      "     -        0        -        -        -",
      "web                 123.5  14.3MiB  64.0MiB     22.4       0B  1.46KiB  1.90MiB      10B   "
      "   20B        3     10.5      0.0      0.1",
  };
  EXPECT_EQ(stats_table(std::vector{bare(), web()}, 0), wanted);
  EXPECT_EQ(stats_table(std::vector{bare(), web()}, 200), wanted);
}

TEST(StatsTable, LeavesOutTheLeastImportantAndCutsIds) {
  EXPECT_EQ(
      stats_table(std::vector{bare()}, 78),
      (Lines{"ID                 CPU %      MEM    LIMIT    MEM %     READ    WRITE     PIDS",
             "0123456789abcd~        -       1B        -        -       0B       0B        0"}));
  EXPECT_EQ(stats_table(std::vector{bare()}, 40),
            (Lines{"ID               CPU %      MEM    MEM %",  //
                   "0123456789ab~        -       1B        -"}));
  EXPECT_EQ(stats_table(std::vector{bare()}, 10), (Lines{"    CPU % ", "        - "}));
}

TEST(StatsTable, WithoutContainersIsItsHeading) {
  EXPECT_EQ(stats_table({}, 30), (Lines{"ID         CPU %      MEM"}));
}

TEST(StatsTable, IsNeverWiderThanTheTerminal) {
  for (std::size_t columns = 1; columns < 150; ++columns)
    for (const std::string& line : stats_table(std::vector{bare(), web()}, columns))
      EXPECT_LE(line.size(), columns);
}

TEST(StatsJson, IsOneLineWithNullForTheUnknown) {
  EXPECT_EQ(stats_json(web()),
            R"({"id":"web","cpu_percent":123.45,"memory":15000000,"memory_limit":67108864,)"
            R"("memory_percent":22.35,"swap":0,"io_read":1500,"io_written":2000000,)"
            R"("net_received":10,"net_sent":20,"pids":3,"pids_limit":10,"cpu_pressure":10.5,)"
            R"("memory_pressure":0,"io_pressure":0.07})"
            "\n");
  EXPECT_EQ(stats_json(bare()),
            R"({"id":"0123456789abcdef","cpu_percent":null,"memory":1,"memory_limit":null,)"
            R"("memory_percent":null,"swap":0,"io_read":0,"io_written":0,"net_received":null,)"
            R"("net_sent":null,"pids":0,"pids_limit":null,"cpu_pressure":null,)"
            R"("memory_pressure":null,"io_pressure":null})"
            "\n");
}

}  // namespace
}  // namespace brig::cli
