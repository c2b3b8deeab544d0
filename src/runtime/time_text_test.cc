#include "runtime/time_text.h"

#include <gtest/gtest.h>

namespace brig::runtime {
namespace {

TEST(UtcText, IsRfc3339WithNanoseconds) {
  EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(utc_text(1'767'323'045'000'000'006), "2026-01-02T03:04:05.000000006Z");
  EXPECT_EQ(utc_text(1'709'251'199'999'999'999), "2024-02-29T23:59:59.999999999Z");
  EXPECT_EQ(utc_text(1'709'251'200'000'000'000), "2024-03-01T00:00:00.000000000Z");
}

// A machine without a clock battery may think so.
TEST(UtcText, BeforeTheEpochIsStillATime) {
  EXPECT_EQ(utc_text(-1), "1969-12-31T23:59:59.999999999Z");
}

}  // namespace
}  // namespace brig::runtime
