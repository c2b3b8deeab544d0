#include "sys/spawn.h"

#include <gtest/gtest.h>

#include <charconv>

#include "sys/process.h"

namespace brig::sys {
namespace {

Program shell(const std::string& script) {
  return {.path = "/bin/sh", .argv = {"sh", "-c", script}, .envp = {}, .input = {}};
}

TEST(RunProgram, BothOutputsAndTheStatusComeBack) {
  const Result<ProgramResult> result = run_program(shell("echo out; echo err >&2; exit 3"));
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->timed_out);
  EXPECT_FALSE(result->status.signaled);
  EXPECT_EQ(result->status.code, 3);
  EXPECT_EQ(result->standard_output, "out\n");
  EXPECT_EQ(result->standard_error, "err\n");
}

TEST(RunProgram, ATimeoutKillsTheWholeProcessGroup) {
  Program program = shell("sleep 60 & echo $!; trap '' TERM; while :; do wait; done");
  Result<ProgramResult> result = ProgramResult{};
  // On a busy machine the shell may not have come to its first word.
  for (program.timeout_ms = 200; program.timeout_ms < 10'000; program.timeout_ms *= 4) {
    result = run_program(program);
    if (!result || !result->standard_output.empty()) break;
  }
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->timed_out);
  EXPECT_EQ(result->status.code, SIGKILL);
  const std::string& said = result->standard_output;
  pid_t grandchild = 0;
  std::from_chars(said.data(), said.data() + said.size(), grandchild);
  ASSERT_GT(grandchild, 1);
  // Killed, but not necessarily gone yet; somebody else is its parent now.
  const Result<Fd> pidfd = pidfd_open(grandchild);
  if (pidfd) {
    EXPECT_TRUE((*wait_readable({*pidfd}, 5000))[0]);
  }
}

TEST(RunProgram, AProgramThatStopsReadingDoesNotBlockIt) {
  Program program = shell("exit 0");
  const std::string input(1'000'000, 'x');
  program.input = input;
  const Result<ProgramResult> result = run_program(program);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status.code, 0);
}

TEST(RunProgram, AnUnreachableDirectoryIsAnError) {
  Program program = shell("exit 0");
  program.cwd = FdRef::number(1000);
  const Result<ProgramResult> result = run_program(program);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().sys_errno(), EBADF);
}

TEST(RunProgram, WhatCannotBeExecutedIsAnError) {
  Program program = shell("");
  program.path = "/";
  const Result<ProgramResult> result = run_program(program);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(), "exec /: permission denied (EACCES)");
}

}  // namespace
}  // namespace brig::sys
