#include "cli/log_daemon.h"

#include <gtest/gtest.h>

#include "sys/process.h"

namespace brig::cli {
namespace {

using runtime::LogLevel;

TEST(JournalEntry, HasAFieldALine) {
  EXPECT_EQ(journal_entry(LogLevel::Error, "web", "no = such"),
            "PRIORITY=3\nSYSLOG_IDENTIFIER=web\nMESSAGE=no = such\n");
  EXPECT_TRUE(journal_entry(LogLevel::Debug, "", "").starts_with("PRIORITY=7\n"));
  EXPECT_TRUE(journal_entry(LogLevel::Info, "", "").starts_with("PRIORITY=6\n"));
  EXPECT_TRUE(journal_entry(LogLevel::Warning, "", "").starts_with("PRIORITY=4\n"));
}

TEST(JournalEntry, CountsTheBytesOfSeveralLines) {
  const std::string two_lines("MESSAGE\n\3\0\0\0\0\0\0\0a\nb\n", 20);
  EXPECT_EQ(journal_entry(LogLevel::Error, "x", "a\nb"),
            "PRIORITY=3\nSYSLOG_IDENTIFIER=x\n" + two_lines);
  // Nobody adds a field by a name with a line break.
  EXPECT_TRUE(journal_entry(LogLevel::Error, "x\nA=y", "z").contains("SYSLOG_IDENTIFIER\n\5"));
}

TEST(SyslogPackets, AreOneALine) {
  const std::string name = cat("web[", sys::own_pid(), "]: ");
  EXPECT_EQ(syslog_packets(LogLevel::Error, "web", "first\nsecond"),
            (std::vector{cat("<11>", name, "first"), cat("<11>", name, "second")}));
  EXPECT_EQ(syslog_packets(LogLevel::Debug, "web", "x"), std::vector{cat("<15>", name, "x")});
}

TEST(LogDaemon, IsMeantByItsPrefix) {
  EXPECT_TRUE(LogDaemon::is_meant("journald:"));
  EXPECT_TRUE(LogDaemon::is_meant("syslog:x"));
  EXPECT_FALSE(LogDaemon::is_meant("file:syslog:"));
  EXPECT_FALSE(LogDaemon::is_meant("./journald:x"));
}

}  // namespace
}  // namespace brig::cli
