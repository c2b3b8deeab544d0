#include "sys/proc_stat.h"

#include <gtest/gtest.h>

#include <string>

#include "base/text.h"
#include "sys/process.h"

namespace brig::sys {
namespace {

// Fields 4 to 21, then the start time, then a few of what follows.
std::string stat_line(const std::string& name, char state) {
  return "4242 (" + name + ") " + state +
         " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 987654 20 21 22\n";
}

TEST(ParseProcessStat, FindsStateAndStartTime) {
  const Result<ProcessStat> stat = parse_process_stat(stat_line("sh", 'S'));
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->start_time, 987'654U);
}

// A process chooses its name, and may choose one that looks like the rest of the line.
TEST(ParseProcessStat, ANameCannotPretendToBeFields) {
  for (const char* name : {"a) Z 1 2 3", ") R (", "((()))", "with space", "new\nline", ""}) {
    const Result<ProcessStat> stat = parse_process_stat(stat_line(name, 'R'));
    ASSERT_TRUE(stat) << name;
    EXPECT_EQ(stat->state, 'R') << name;
    EXPECT_EQ(stat->start_time, 987'654U) << name;
  }
}

std::string ending_line(char state, int flags, int threads) {
  return cat("7 (init) ", std::string_view(&state, 1), " 1 7 7 0 -1 ", flags,
             " 0 0 0 0 0 0 0 0 20 0 ", threads, " 0 5 0\n");
}

TEST(ParseProcessStat, AProcessHasEndedWhenItsLastThreadIsOnItsWay) {
  constexpr int kExiting = 0x4;
  EXPECT_TRUE(parse_process_stat(ending_line('Z', kExiting, 1))->has_ended());
  EXPECT_TRUE(parse_process_stat(ending_line('S', kExiting | 0x400000, 1))->has_ended());
  EXPECT_FALSE(parse_process_stat(ending_line('S', 0x400000, 1))->has_ended());
  // The first thread called pthread_exit(3).
  EXPECT_FALSE(parse_process_stat(ending_line('Z', kExiting, 2))->has_ended());
}

TEST(ParseProcessStat, WhatIsCutShortIsRefused) {
  const std::string whole = stat_line("sh", 'S');
  const std::size_t start_time = whole.find("987654");
  for (std::size_t size = 0; size < start_time; ++size)
    EXPECT_FALSE(parse_process_stat(whole.substr(0, size))) << size;
}

TEST(ProcessStat, OfThisProcessStaysTheSame) {
  const Result<std::uint64_t> first = start_time_of(own_pid());
  const Result<std::uint64_t> second = start_time_of(own_pid());
  ASSERT_TRUE(first && second);
  EXPECT_GT(*first, 0U);
  EXPECT_EQ(*first, *second);
  EXPECT_EQ(process_stat(own_pid())->state, 'R');
}

TEST(ProcessStat, OfNoProcessIsAnErrorWithItsErrno) {
  const Result<ProcessStat> none = process_stat(0x7fff'ffff);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().sys_errno(), ENOENT);
}

}  // namespace
}  // namespace brig::sys
