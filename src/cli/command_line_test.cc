#include "cli/command_line.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "base/text.h"
#include "cli/output.h"
#include "runtime/version.h"
#include "sys/file.h"

namespace brig::cli {
namespace {

struct Outcome {
  int status = 0;
  std::string out, err;
};

// Only commands that end before the runtime is called: those need no root and change nothing.
Outcome call(std::vector<std::string> words) {
  std::string name = "brig";
  std::vector<char*> argv = {name.data()};
  for (std::string& word : words) argv.push_back(word.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.status = run_command_line(static_cast<int>(argv.size()), argv.data());
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}

void expect_error(const std::vector<std::string>& words, const std::string& message) {
  const Outcome outcome = call(words);
  EXPECT_EQ(outcome.status, 1) << message;
  EXPECT_EQ(outcome.out, "") << message;
  EXPECT_EQ(outcome.err, message + "\n");
}

TEST(CommandLine, AnUnknownCommandIsAnErrorEvenWithHelp) {
  expect_error({"restore", "web"}, "brig: unknown command 'restore'");
  expect_error({"checkpoint", "--help"}, "brig: unknown command 'checkpoint'");
  expect_error({"help", "checkpoint"}, "brig: help: unknown command 'checkpoint'");
}

TEST(CommandLine, UsageErrorsNameTheCommand) {
  expect_error({"create"}, "brig: create: requires exactly 1 argument(s): <container-id>");
  expect_error({"create", "--bogus", "web"}, "brig: create: unknown option '--bogus'");
  expect_error({"restore"}, "brig: unknown command 'restore'");
}

TEST(CommandLine, DebugSaysHowItWasCalled) {
  const Outcome outcome = call({"--debug", "features"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, cat("brig: debug: version ", runtime::version(),
                             ", called as brig --debug features\n"));
  EXPECT_EQ(call({"features"}).err, "");
}

TEST(CommandLine, AnUnknownGlobalOptionIsNamed) {
  expect_error({"--invalidflag", "list"}, "brig: unknown option '--invalidflag'");
}

TEST(CommandLine, TheFilesystemsRootIsNoPlaceForState) {
  for (const char* const root : {"/", "//", "/.", "/a/.."})
    expect_error({"--root", root, "list"}, "brig: option --root argument should not be set to /");
}

TEST(CommandLine, AnUnknownSignalIsNamedBeforeAnythingIsSent) {
  expect_error({"--root", "/nonexistent", "kill", "web", "NOPE"},
               "brig: kill 'web': unknown signal \"NOPE\"");
}

TEST(CommandLine, ARegularExpressionIsChecked) {
  const Outcome outcome = call({"--root", "/nonexistent", "delete", "--regex", "("});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(outcome.err.starts_with("brig: delete '(': not a regular expression: "))
      << outcome.err;
}

TEST(CommandLine, HelpGoesToStandardOutput) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{}, {"help"}, {"h"}, {"--help"}, {"-h"}}) {
    const Outcome outcome = call(words);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, "");
    EXPECT_TRUE(outcome.out.starts_with("usage: brig ")) << outcome.out;
  }
}

TEST(CommandLine, HelpOfACommandHasThreeSpellings) {
  const std::string text = call({"help", "kill"}).out;
  EXPECT_TRUE(text.starts_with("usage: brig [global options] kill ")) << text;
  EXPECT_EQ(call({"kill", "--help"}).out, text);
  EXPECT_EQ(call({"kill", "web", "-h"}).out, text);
}

TEST(CommandLine, VersionHasManySpellings) {
  for (const char* const word : {"--version", "-v", "-V", "version"}) {
    const Outcome outcome = call({word});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(outcome.out, version_text());
  }
}

TEST(CommandLine, TheManualAndTheCompletionArePrinted) {
  EXPECT_TRUE(call({"help", "--man"}).out.starts_with(".TH BRIG 1 "));
  EXPECT_TRUE(call({"help", "--completion", "bash"}).out.starts_with("# bash completion"));
}

TEST(CommandLine, AUsageErrorIsInTheLogThatWasNamed) {
  const std::string path = cat(testing::TempDir(), "brig-usage-", ::getpid());
  for (const char* const word : {"--bogus", "bogus"}) {
    EXPECT_EQ(call({"--log", path, "--log-format", "json", word}).status, 1);
    const Result<std::string> log = sys::read_file_at(FdRef::cwd(), path);
    std::remove(path.c_str());
    ASSERT_TRUE(log);
    EXPECT_TRUE(log->starts_with(R"({"level":"error","msg":"unknown )")) << *log;
  }
}

}  // namespace
}  // namespace brig::cli
