#include "base/error.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

Result<int> number_or(int err) {
  if (err != 0) return std::unexpected(Error::system(err, "openat config.json"));
  return 7;
}

Result<> inner(int err) {
  const int number = TRY_DOING(number_or(err), "read bundle ", 1, '/', 2);
  return number == 7 ? Result<>() : fail(Errc::Protocol, "not 7");
}

Result<> outer(int err) {
  TRY_DOING(inner(err), "create 'web'");
  return {};
}

TEST(Error, FramesAreAddedFromTheInsideAndPrintedFromTheOutside) {
  const Result<> done = outer(ENOENT);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Errc::System);
  EXPECT_EQ(done.error().sys_errno(), ENOENT);
  EXPECT_EQ(done.error().frames(), "create 'web': read bundle 1/2: openat config.json");
  EXPECT_EQ(done.error().message(),
            "create 'web': read bundle 1/2: openat config.json: "
            "no such file or directory (ENOENT)");
  EXPECT_TRUE(outer(0));
}

TEST(Error, WithoutAnErrnoThereAreOnlyTheFrames) {
  const Result<> done = fail(Errc::BadConfig, "process.args: must not be empty");
  EXPECT_EQ(done.error().code(), Errc::BadConfig);
  EXPECT_EQ(done.error().sys_errno(), 0);
  EXPECT_EQ(done.error().message(), "process.args: must not be empty");
}

TEST(Error, RelayedKeepsCodeAndErrno) {
  const Error error = Error::relayed(Errc::Denied, EACCES, "exec: \"x\"");
  EXPECT_EQ(error.code(), Errc::Denied);
  EXPECT_EQ(error.message(), "exec: \"x\": permission denied (EACCES)");
}

TEST(Error, AHintComesLast) {
  Error error = Error::system(ENOEXEC, "exec");
  error.set_hint("it is empty");
  error.add_context("run 'web'");
  EXPECT_EQ(error.message(), "run 'web': exec: exec format error (ENOEXEC): it is empty");
}

TEST(Error, FailErrnoTakesTheErrnoBeforeTheTextIsBuilt) {
  errno = EPERM;
  const Result<> done = fail_errno("mount ", std::string(4096, 'x'));
  EXPECT_EQ(done.error().sys_errno(), EPERM);
}

TEST(Error, IsAsSmallAsAPointer) {
  EXPECT_EQ(sizeof(Error), sizeof(void*));
  EXPECT_EQ(sizeof(Result<>), 2 * sizeof(void*));
}

// Engines look for these words, with the case that Go gives them.
TEST(ErrnoText, BeginsInLowerCaseUnlessItIsAnAbbreviation) {
  EXPECT_EQ(errno_text(EACCES), "permission denied");
  EXPECT_EQ(errno_text(EPERM), "operation not permitted");
  EXPECT_EQ(errno_text(ENOEXEC), "exec format error");
  EXPECT_EQ(errno_text(EDOTDOT), "RFS specific error");
  EXPECT_EQ(errno_text(99'999), "errno 99999");
}

TEST(Text, CatAndJoinTakeWhatMessagesAreMadeOf) {
  EXPECT_EQ(cat("a", 1, 'c', std::string("d"), std::uint64_t{18'446'744'073'709'551'615U}, -5),
            "a1cd18446744073709551615-5");
  EXPECT_EQ(join(std::vector<int>{1, 2, 3}, ", "), "1, 2, 3");
  EXPECT_EQ(join(std::vector<std::string>{}, ", "), "");
}

}  // namespace
}  // namespace brig
