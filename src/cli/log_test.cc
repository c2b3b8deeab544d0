#include "cli/log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "base/json.h"
#include "base/text.h"
#include "sys/file.h"

namespace brig::cli {
namespace {

using runtime::LogLevel;

class LogFile : public testing::Test {
 protected:
  ~LogFile() override { std::remove(path_.c_str()); }
  [[nodiscard]] std::string text() const {
    const Result<std::string> text = sys::read_file_at(FdRef::cwd(), path_);
    return text ? *text : "missing";
  }
  LogOptions json() const { return {.destination = path_, .format = LogFormat::Json}; }

  const std::string path_ = cat(testing::TempDir(), "brig-log-", ::getpid());
};

TEST(LogLines, JsonHasTheKeysThatEnginesRead) {
  EXPECT_EQ(json_line(LogLevel::Error, "no \"x\"\n", 1767323045),
            R"({"level":"error","msg":"no \"x\"\n","time":"2026-01-02T03:04:05Z"})"
            "\n");
}

TEST(LogLines, TextLooksLikeRuncs) {
  EXPECT_EQ(text_line(LogLevel::Warning, "a \"b\" \\c\n\td\x01\x7f \u00fc", 0),
            "time=\"1970-01-01T00:00:00Z\" level=warning "
            "msg=\"a \\\"b\\\" \\\\c\\n\\td\\x01\\x7f \u00fc\"\n");
}

TEST(LogLines, TimeKeepsItsWidth) {
  EXPECT_NE(json_line(LogLevel::Info, "", 1078012800 - 1).find("2004-02-28T23:59:59Z"),
            std::string::npos);
  EXPECT_NE(json_line(LogLevel::Debug, "", 1078012800).find("2004-02-29T00:00:00Z"),
            std::string::npos);
}

TEST_F(LogFile, AnErrorIsOneObjectInTheFileAndWordsOnStandardError) {
  Log log;
  ASSERT_TRUE(log.configure(json()));
  testing::internal::CaptureStderr();
  log.write(LogLevel::Debug, "detail");
  log.write(LogLevel::Warning, "careful");
  log.write(LogLevel::Error, "container does not exist");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "brig: container does not exist\n");
  const Result<json::Node> line = json::parse(text());
  ASSERT_TRUE(line) << text();
  EXPECT_EQ(line->find("level")->text, "error");
  EXPECT_EQ(line->find("msg")->text, "container does not exist");
}

TEST_F(LogFile, IsThereEvenWhenNothingIsLogged) {
  Log log;
  ASSERT_TRUE(log.configure(json()));
  EXPECT_EQ(text(), "");
}

TEST_F(LogFile, GrowsAndIsNeverCutShort) {
  testing::internal::CaptureStderr();
  for (int i = 0; i < 2; ++i) {
    Log log;
    ASSERT_TRUE(log.configure({.destination = "file:" + path_}));
    log.write(LogLevel::Error, cat("number ", i));
  }
  testing::internal::GetCapturedStderr();
  EXPECT_NE(text().find("msg=\"number 0\"\n"), std::string::npos) << text();
  EXPECT_NE(text().find("msg=\"number 1\"\n"), std::string::npos) << text();
}

TEST_F(LogFile, TakesTheLevelsThatAreAskedFor) {
  Log log;
  ASSERT_TRUE(log.configure({.destination = path_, .level = LogLevel::Warning}));
  testing::internal::CaptureStderr();
  log.write(LogLevel::Info, "note");
  log.write(LogLevel::Warning, "careful");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(text().find("note"), std::string::npos);
  EXPECT_NE(text().find("level=warning msg=\"careful\""), std::string::npos);
}

TEST_F(LogFile, DebugTakesEverything) {
  Log log;
  ASSERT_TRUE(log.configure({.destination = path_, .level = LogLevel::Error, .debug = true}));
  log.write(LogLevel::Debug, "detail");
  EXPECT_NE(text().find("level=debug msg=\"detail\""), std::string::npos);
}

TEST(Log, WithoutAFileWordsGoToStandardError) {
  Log log;
  ASSERT_TRUE(log.configure({.level = LogLevel::Warning}));
  testing::internal::CaptureStderr();
  log.write(LogLevel::Info, "note");
  log.write(LogLevel::Warning, "careful");
  log.write(LogLevel::Error, "broken");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "brig: warning: careful\nbrig: broken\n");
}

TEST(Log, WithoutAFileOnlyErrorsShowWhereNobodyWatches) {
  Log log;
  testing::internal::CaptureStderr();  // a file, no terminal
  log.write(LogLevel::Warning, "careful");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Log, WithoutAFileJsonGoesToStandardError) {
  Log log;
  ASSERT_TRUE(log.configure({.format = LogFormat::Json}));
  testing::internal::CaptureStderr();
  log.write(LogLevel::Error, "broken");
  const std::string line = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(line.starts_with(R"({"level":"error","msg":"broken","time":")")) << line;
}

TEST(Log, AFileThatCannotBeOpenedIsAnError) {
  Log log;
  const Result<> done = log.configure({.destination = "/nonexistent/log"});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message(),
            "--log: open /nonexistent/log: no such file or directory (ENOENT)");
}

}  // namespace
}  // namespace brig::cli
