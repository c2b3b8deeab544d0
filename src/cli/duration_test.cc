#include "cli/duration.h"

#include <gtest/gtest.h>

namespace brig::cli {
namespace {

struct Case {
  const char* text;
  std::int64_t ms;
};

TEST(ParseDuration, ReadsGosFormAndPlainSeconds) {
  for (const Case& each : {Case{"5s", 5000},
                           {"5", 5000},
                           {"0.25", 250},
                           {"500ms", 500},
                           {"1m30s", 90'000},
                           {"1h1m1s1ms", 3'661'001},
                           {"1.5h", 5'400'000},
                           {".5s", 500},
                           {"1.s", 1000},
                           {"+2s", 2000},
                           {"-2s", -2000},
                           {"0", 0},
                           {"0s", 0},
                           {"1ns", 1},
                           {"999us", 1},
                           {"1500\u00b5s", 1},
                           {"2000\u03bcs", 2}}) {
    const Result<std::int64_t> parsed = parse_duration_ms(each.text);
    ASSERT_TRUE(parsed) << each.text;
    EXPECT_EQ(*parsed, each.ms) << each.text;
  }
}

TEST(ParseDuration, RefusesEverythingElse) {
  for (const char* text : {"", "-", "s", "5x", "5 s", "five", "1.2.3s", ".", ".s", "5s5", "1e3s",
                           "9999999999999h", "99999999999999999999s"}) {
    const Result<std::int64_t> parsed = parse_duration_ms(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), Errc::BadConfig);
    EXPECT_EQ(parsed.error().message(),
              cat("'", text, "' is not a duration such as 5s, 500ms or 1m30s"));
  }
}

}  // namespace
}  // namespace brig::cli
