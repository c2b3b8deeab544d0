#include "linux/cgroup/stats/parse.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

using Counts = std::vector<std::uint64_t>;

TEST(ParseCount, ReadsANumberOrMax) {
  EXPECT_EQ(parse_count("4096\n"), 4096U);
  EXPECT_EQ(parse_count("18446744073709551615\n"), kNoLimit);
  EXPECT_EQ(parse_count("max\n"), kNoLimit);
  for (const char* nothing : {"", "\n", "-1\n", "many\n", "12x\n", "18446744073709551616\n"})
    EXPECT_EQ(parse_count(nothing), 0U) << nothing;
}

TEST(ParseSigned, ReadsNegativeNumbers) {
  EXPECT_EQ(parse_signed("-1\n"), -1);
  EXPECT_EQ(parse_signed("5\n"), 5);
  EXPECT_EQ(parse_signed(""), 0);
}

TEST(ParseKeyValues, LeavesOutLinesItDoesNotUnderstand) {
  EXPECT_EQ(parse_key_values("low 0\nhigh 3\nmax max\nname text\nlonely\n\nten 10 11\n"),
            (KeyValues{{"low", 0}, {"high", 3}, {"max", kNoLimit}}));
}

TEST(ParsePressure, ReadsBothLines) {
  const Pressure pressure = parse_pressure(
      "some avg10=90.49 avg60=36.04 avg300=100.00 total=7592403244\n"
      "full avg10=0.07 avg60=0.00 avg300=0.00 total=17\n");
  EXPECT_EQ(pressure.some, (PressureShare{9049, 3604, 10000, 7592403244}));
  EXPECT_EQ(pressure.full, (PressureShare{7, 0, 0, 17}));
}

TEST(ParsePressure, ReadsTheOneLineOfOlderKernels) {
  const Pressure pressure = parse_pressure("some avg10=1.00 avg60=0.00 avg300=0.00 total=5\n");
  EXPECT_EQ(pressure.some.avg10, 100U);
  EXPECT_EQ(pressure.full, PressureShare{});
}

TEST(ParseNumberList, ExpandsRanges) {
  EXPECT_EQ(parse_number_list("0-2,7\n"), (Counts{0, 1, 2, 7}));
  EXPECT_EQ(parse_number_list("5\n"), (Counts{5}));
  EXPECT_EQ(parse_number_list("\n"), Counts{});
  EXPECT_EQ(parse_number_list("0-99999999999,x,3-1\n"), Counts{});
}

TEST(ParseUsageByMode, SkipsTheHeading) {
  const UsageByMode usage = parse_usage_by_mode("cpu user system\n0 11 12\n1 21 22\n");
  EXPECT_EQ(usage.user, (Counts{11, 21}));
  EXPECT_EQ(usage.kernel, (Counts{12, 22}));
}

TEST(ParseBlkio, TakesEntriesWithAndWithoutAnOperation) {
  EXPECT_EQ(parse_blkio("8:0 Read 4096\n8:0 Total 4096\nTotal 4096\n"),
            (std::vector<IoEntry>{{8, 0, "Read", 4096}, {8, 0, "Total", 4096}}));
  EXPECT_EQ(parse_blkio("259:1 77\n"), (std::vector<IoEntry>{{259, 1, "", 77}}));
  EXPECT_EQ(parse_blkio("Total 0\n"), std::vector<IoEntry>{});
}

TEST(ParseIoStat, KeepsEveryKeyAndV1sNamesForSome) {
  // A device that was never used has an empty line; io.cost adds keys with a dot.
  const auto io_stat = parse_io_stat(
      "7:0 \n8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=5 dios=6 "
      "cost.usage=12\n");
  ASSERT_EQ(io_stat.size(), 1U);
  EXPECT_EQ(io_stat.at("8:16"), (KeyValues{{"cost.usage", 12},
                                           {"dbytes", 5},
                                           {"dios", 6},
                                           {"rbytes", 1459200},
                                           {"rios", 192},
                                           {"wbytes", 314773504},
                                           {"wios", 353}}));
  IoStats io;
  add_as_v1(io_stat, io);
  EXPECT_EQ(io.service_bytes,
            (std::vector<IoEntry>{{8, 16, "Read", 1459200}, {8, 16, "Write", 314773504}}));
  EXPECT_EQ(io.serviced, (std::vector<IoEntry>{{8, 16, "Read", 192}, {8, 16, "Write", 353}}));
}

TEST(ParseRdma, ReadsHandlesAndObjectsByDevice) {
  const auto devices =
      parse_rdma("mlx4_0 hca_handle=2 hca_object=2000\nocrdma1 hca_handle=3 hca_object=max\n");
  ASSERT_EQ(devices.size(), 2U);
  EXPECT_EQ(devices.at("mlx4_0"), (RdmaStats{2, 2000}));
  EXPECT_EQ(devices.at("ocrdma1"), (RdmaStats{3, kNoLimit}));
}

TEST(PageSizesIn, TakesEachSizeOnce) {
  EXPECT_EQ(page_sizes_in({"hugetlb.2MB.current", "hugetlb.2MB.rsvd.current", "hugetlb.1GB.current",
                           "hugetlb.2MB.max", "memory.current", "hugetlb.current"},
                          ".current"),
            (std::vector<std::string>{"2MB", "1GB"}));
}

}  // namespace
}  // namespace brig
