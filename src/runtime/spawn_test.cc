#include "runtime/spawn.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace brig::runtime {
namespace {

TEST(OpenSibling, AChildOfOursIsBelieved) {
  const Result<sys::Child> child = sys::fork_with(0);
  ASSERT_TRUE(child);
  if (child->pid == 0) sys::exit_now(0);
  const Result<sys::Child> opened = open_sibling(child->pid);
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_EQ(opened->pid, child->pid);
  EXPECT_TRUE(sys::reap(opened->pidfd));
}

TEST(OpenSibling, NobodyElseIs) {
  const pid_t parent = ::getppid();
  if (parent == 0) GTEST_SKIP() << "there is nobody else in this pid namespace";
  const Result<sys::Child> opened = open_sibling(parent);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message(), cat("process ", parent, " is not one that we have made"));
}

TEST(OpenSibling, NorOneThatIsGone) {
  const Result<sys::Child> child = sys::fork_with(0);
  ASSERT_TRUE(child);
  if (child->pid == 0) sys::exit_now(0);
  ASSERT_TRUE(sys::reap(child->pidfd));
  EXPECT_FALSE(open_sibling(child->pid));
}

}  // namespace
}  // namespace brig::runtime
