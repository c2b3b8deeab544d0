#include "linux/cgroup/resources/convert.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

TEST(CgroupConvert, SharesBecomeWeightsThroughMinimumDefaultAndMaximum) {
  const std::pair<std::uint64_t, std::uint64_t> rows[] = {
      {0, 1},          {1, 1},          {2, 1},          {3, 2},       {102, 17},
      {512, 59},       {1024, 100},     {2048, 174},     {10240, 639}, {100000, 4340},
      {262143, 10000}, {262144, 10000}, {300000, 10000},
  };
  for (const auto& [shares, weight] : rows)
    EXPECT_EQ(cpu_weight_of_shares(shares), weight) << shares;
}

TEST(CgroupConvert, MoreSharesAreNeverLessWeight) {
  std::uint64_t last = 0;
  for (std::uint64_t shares = 1; shares <= 262'200; ++shares) {
    const std::uint64_t weight = cpu_weight_of_shares(shares);
    ASSERT_GE(weight, last) << shares;
    ASSERT_TRUE(weight >= 1 && weight <= 10'000) << shares;
    last = weight;
  }
}

TEST(CgroupConvert, BlockWeightsAreStretchedToTheRangeOfV2) {
  const std::pair<std::uint64_t, std::uint64_t> rows[] = {
      {1, 1}, {10, 1}, {11, 11}, {100, 910}, {500, 4950}, {1000, 10000}, {2000, 10000}};
  for (const auto& [blkio, io] : rows) EXPECT_EQ(io_weight_of_blkio(blkio), io) << blkio;
}

TEST(CgroupConvert, PageSizesAreNamesAndNotPaths) {
  for (const char* size : {"64KB", "2MB", "1GB", "16GB"}) EXPECT_TRUE(is_page_size(size)) << size;
  for (const char* size : {"", "MB", "02MB", "2mb", "2MB ", "2", "-2MB", "../../x", "2MB/../.."})
    EXPECT_FALSE(is_page_size(size)) << size;
}

TEST(CgroupConvert, UnifiedKeysAreFilesWithLimits) {
  for (const char* key :
       {"memory.high", "io.bfq.weight", "hugetlb.2MB.rsvd.max", "cgroup.max.depth"})
    EXPECT_TRUE(is_unified_key(key)) << key;
  for (const char* key :
       {"", "memory", ".high", "memory.", "cgroup.procs", "cgroup.kill", "cgroup.subtree_control",
        "../cgroup.procs", "a/memory.high", "memory.hi gh"})
    EXPECT_FALSE(is_unified_key(key)) << key;
}

}  // namespace
}  // namespace brig
