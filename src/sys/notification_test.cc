#include "sys/notification.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "sys/file.h"
#include "sys/process.h"
#include "sys/temp_directory_test.h"

namespace brig {
namespace {

bool is_readable(const Fd& fd) {
  const Result<std::vector<bool>> ready = sys::wait_readable({fd}, 0);
  EXPECT_TRUE(ready);
  return ready && (*ready)[0];
}

TEST(EventCounter, SumsWhatWasAddedAndStartsAgain) {
  const Result<Fd> counter = sys::open_event_counter();
  ASSERT_TRUE(counter);
  EXPECT_FALSE(is_readable(*counter));
  for (const std::uint64_t add : {1U, 2U})
    EXPECT_EQ(::write(counter->raw(), &add, sizeof add), static_cast<ssize_t>(sizeof add));
  EXPECT_TRUE(is_readable(*counter));
  EXPECT_EQ(*sys::take_count(*counter), 3U);
  EXPECT_EQ(*sys::take_count(*counter), 0U);
}

TEST(IntervalTimer, GoesOffAgainAndAgain) {
  const Result<Fd> timer = sys::open_interval_timer(1);
  ASSERT_TRUE(timer);
  for (int round = 0; round < 2; ++round) {
    const Result<std::vector<bool>> ready = sys::wait_readable({*timer}, 10'000);
    ASSERT_TRUE(ready && (*ready)[0]);
    EXPECT_GE(*sys::take_count(*timer), 1U);
  }
}

TEST(IntervalTimer, IsQuietBeforeItsTime) {
  const Result<Fd> timer = sys::open_interval_timer(3'600'000);
  ASSERT_TRUE(timer);
  EXPECT_FALSE(is_readable(*timer));
  EXPECT_EQ(*sys::take_count(*timer), 0U);
}

TEST(WatchModifications, AnnouncesAWriteOnce) {
  const TempDirectory folder;
  folder.make_file("events", "a");
  const Result<Fd> watch = sys::watch_modifications(folder.dir(), "events");
  ASSERT_TRUE(watch) << watch.error().message();
  EXPECT_FALSE(is_readable(*watch));
  ASSERT_TRUE(sys::write_file_at(folder.dir(), "events", "b"));
  EXPECT_TRUE(is_readable(*watch));
  ASSERT_TRUE(sys::drain_modifications(*watch));
  EXPECT_FALSE(is_readable(*watch));
}

TEST(WatchModifications, AMissingFileIsNoEntry) {
  const TempDirectory folder;
  const Result<Fd> watch = sys::watch_modifications(folder.dir(), "events");
  ASSERT_FALSE(watch);
  EXPECT_EQ(watch.error().sys_errno(), ENOENT);
}

}  // namespace
}  // namespace brig
