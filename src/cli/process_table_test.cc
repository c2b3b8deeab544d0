#include "cli/process_table.h"

#include <gtest/gtest.h>

#include <vector>

namespace brig::cli {
namespace {

constexpr pid_t kPids[] = {7, 42};

TEST(ProcessTable, KeepsTheHeaderAndTheRowsOfTheContainer) {
  const Result<std::string> rows = rows_of(
      "UID          PID    PPID  C STIME TTY          TIME CMD\n"
      "root           1       0  0 10:00 ?        00:00:01 /sbin/init 42\n"
      "root           7       1  0 10:00 ?        00:00:00 sleep 1000\n"
      "daemon        42       7  0 10:00 ?        00:00:00 sh -c echo 1\n",
      kPids);
  ASSERT_TRUE(rows);
  EXPECT_EQ(*rows,
            "UID          PID    PPID  C STIME TTY          TIME CMD\n"
            "root           7       1  0 10:00 ?        00:00:00 sleep 1000\n"
            "daemon        42       7  0 10:00 ?        00:00:00 sh -c echo 1\n");
}

TEST(ProcessTable, FindsThePidBehindACommandWithBlanks) {
  const Result<std::string> rows = rows_of(
      "CMD                 PID\n"
      "sh -c 42 7            1\n"
      "sleep 1000           42\n",
      kPids);
  ASSERT_TRUE(rows);
  EXPECT_EQ(*rows, "CMD                 PID\nsleep 1000           42\n");
}

TEST(ProcessTable, SkipsRowsWithoutANumber) {
  const Result<std::string> rows = rows_of("PID CMD\n\n  - x\n7x y\n  7 z", kPids);
  ASSERT_TRUE(rows);
  EXPECT_EQ(*rows, "PID CMD\n  7 z\n");
}

TEST(ProcessTable, NeedsAPidColumn) {
  for (const char* printed : {"", "USER CMD\nroot 7\n", "PPID CMD\n7 x\n"}) {
    const Result<std::string> rows = rows_of(printed, kPids);
    ASSERT_FALSE(rows) << printed;
    EXPECT_EQ(rows.error().message(), "ps printed no PID column, by which its rows are chosen");
  }
}

TEST(ProcessTable, SaysThatThereIsNoPs) {
  const Result<std::string> table = process_table(kPids, {}, "/nowhere:relative");
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().message(),
            "run ps: ps: executable file not found in $PATH: the table needs ps(1), --format json "
            "does not");
}

}  // namespace
}  // namespace brig::cli
