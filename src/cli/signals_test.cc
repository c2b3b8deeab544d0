#include "cli/signals.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <utility>
#include <vector>

namespace brig::cli {
namespace {

TEST(Signals, NamesAndNumbersAreUnderstood) {
  const std::vector<std::pair<std::string, int>> cases = {
      {"TERM", SIGTERM},
      {"SIGTERM", SIGTERM},
      {"sigterm", SIGTERM},
      {"Kill", SIGKILL},
      {"SigUsr1", SIGUSR1},
      {"IOT", SIGABRT},
      {"POLL", SIGIO},
      {"CLD", SIGCHLD},
      {"SYS", SIGSYS},
      {"0", 0},
      {"9", 9},
      {"64", 64},
      {"RTMIN", SIGRTMIN},
      {"SIGRTMIN", SIGRTMIN},
      {"rtmin+3", SIGRTMIN + 3},
      {"RTMIN+0", SIGRTMIN},
      {"RTMAX", SIGRTMAX},
      {"SIGRTMAX-1", SIGRTMAX - 1},
      {"RTMAX-30", SIGRTMIN},
      {"RTMIN+30", SIGRTMAX},
  };
  for (const auto& [text, number] : cases) {
    const Result<int> parsed = parse_signal(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, number) << text;
  }
}

TEST(Signals, AnythingElseIsUnknown) {
  for (const std::string text :
       {"", "SIG", "NOPE", "SIGNOPE", "-1", "65", "9 ", " 9", "0x9", "+9", "4294967305", "RTMIN-1",
        "RTMAX+1", "RTMIN+31", "RTMAX-31", "RTMIN+", "RTMINX", "SIGSIGTERM", "TERM\n"}) {
    const Result<int> parsed = parse_signal(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().message(), "unknown signal \"" + text + "\"");
    EXPECT_EQ(parsed.error().code(), Errc::BadConfig);
  }
}

}  // namespace
}  // namespace brig::cli
