#include "cli/numbers.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace brig::cli {
namespace {

TEST(Sizes, AreReadAsDockerReadsThem) {
  constexpr std::int64_t kKib = 1024, kMib = kKib * 1024, kGib = kMib * 1024;
  const std::pair<const char*, std::int64_t> cases[] = {
      {"0", 0},
      {"-1", -1},
      {"67108864", 64 * kMib},
      {"32b", 32},
      {"32B", 32},
      {"32k", 32 * kKib},
      {"32K", 32 * kKib},
      {"32kb", 32 * kKib},
      {"32Kb", 32 * kKib},
      {"32KiB", 32 * kKib},
      {"512m", 512 * kMib},
      {"512 MB", 512 * kMib},
      {"1.5g", kGib + kGib / 2},
      {"0.25m", kMib / 4},
      {"2T", 2 * 1024 * kGib},
      {"1p", 1024 * 1024 * kGib},
      {"9223372036854775807", 9223372036854775807},
  };
  for (const auto& [text, bytes] : cases) {
    const Result<std::int64_t> size = parse_size(text);
    ASSERT_TRUE(size) << text << ": " << size.error().message();
    EXPECT_EQ(*size, bytes) << text;
  }
}

TEST(Sizes, AreNothingElse) {
  for (const char* text : {"", " ", "m", "-2", "-1m", "1x", "1mm", "1mib ", "1.m", ".5m", "1,5g",
                           "0x10", "1e3", "+1", "1  m"}) {
    const Result<std::int64_t> size = parse_size(text);
    ASSERT_FALSE(size) << text;
    EXPECT_EQ(size.error().message(), "not a size such as 64m, 1.5g or -1") << text;
  }
  for (const char* text : {"9223372036854775808", "8192p", "9007199254740992k"}) {
    const Result<std::int64_t> size = parse_size(text);
    ASSERT_FALSE(size) << text;
    EXPECT_EQ(size.error().message(), "too large") << text;
  }
}

TEST(Numbers, NameTheFlagWhenTheyAreNone) {
  std::optional<std::int64_t> quota = 5;
  EXPECT_TRUE(set_number("cpu-quota", "-1", quota));
  EXPECT_EQ(quota, -1);
  EXPECT_TRUE(set_number("cpu-quota", "", quota));
  EXPECT_EQ(quota, -1);
  EXPECT_EQ(set_number("cpu-quota", "1.5", quota).error().message(),
            "invalid value '1.5' for --cpu-quota: not a whole number");
  std::optional<std::uint64_t> period;
  EXPECT_EQ(set_number("cpu-period", "-1", period).error().message(),
            "invalid value '-1' for --cpu-period: not a whole number from 0 up");
  std::optional<std::uint16_t> weight;
  EXPECT_EQ(set_number("blkio-weight", "65536", weight).error().message(),
            "invalid value '65536' for --blkio-weight: not a whole number from 0 up to 65535");
  std::optional<std::int64_t> memory;
  EXPECT_EQ(set_size("memory", "much", memory).error().message(),
            "invalid value 'much' for --memory: not a size such as 64m, 1.5g or -1");
}

}  // namespace
}  // namespace brig::cli
