// Freezing what does not want to freeze.
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cgroup_fixture.h"

namespace brig::kernel_test {
namespace {

// Writes from a page that never comes, and keeps the pipe locked meanwhile.
int hold_pipe(int pipe) {
  const int fd = static_cast<int>(::syscall(SYS_userfaultfd, O_CLOEXEC));
  uffdio_api api{.api = UFFD_API, .features = 0, .ioctls = 0};
  if (fd < 0 || ::ioctl(fd, UFFDIO_API, &api) != 0) return 1;
  void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  uffdio_register range{};
  range.range = {.start = reinterpret_cast<std::uintptr_t>(page), .len = 4096};
  range.mode = UFFDIO_REGISTER_MODE_MISSING;
  if (::ioctl(fd, UFFDIO_REGISTER, &range) != 0) return 2;
  return static_cast<int>(::write(pipe, page, 4096));
}

// One process in the cgroup waits for that lock, where nothing reaches it: not even SIGKILL.
class Freezer : public Cgroup {
 protected:
  void SetUp() override {
    plan_ = plan_for(spec_named("stuck"));
    handles_ = acquire(plan_);
    ASSERT_EQ(::pipe(pipe_), 0);
    holder_ = ::fork();
    if (holder_ == 0) ::_exit(hold_pipe(pipe_[1]));
    ASSERT_TRUE(comes_true([&] {
      return text_of(cat("/proc/", holder_, "/wchan")).contains("userfault");
    })) << "userfaultfd does not work here";
    stuck_ = spawn_in(handles_, [&] { return static_cast<int>(::write(pipe_[1], "x", 1)); });
    ASSERT_TRUE(
        comes_true([&] { return text_of(cat("/proc/", stuck_, "/stat")).contains(") D "); }));
  }
  void TearDown() override {
    ::kill(holder_, SIGKILL);
    EXPECT_EQ(exit_code(holder_), 128 + SIGKILL);
    Cgroup::TearDown();
    EXPECT_GT(exit_code(stuck_), 128);
    for (const int end : pipe_) ::close(end);
  }

  // One that sleeps beside it.
  pid_t another() {
    const pid_t pid = spawn_in(handles_, sleep_for_ever);
    EXPECT_TRUE(comes_true([&] { return cgroup_processes(plan_.paths)->size() == 2; }));
    return pid;
  }

  CgroupPlan plan_;
  CgroupHandles handles_;
  int pipe_[2] = {-1, -1};
  pid_t holder_ = -1, stuck_ = -1;
};

TEST_F(Freezer, EndsAtTheDeadlineAndLeavesNobodyFrozen) {
  const pid_t other = another();
  const std::int64_t begin = sys::monotonic_ms();
  const Result<> frozen = freeze_cgroup(plan_.paths, CgroupFreeze::Freeze, begin + 200);
  EXPECT_LT(sys::monotonic_ms() - begin, 1500);
  ASSERT_FALSE(frozen);
  const std::string message = frozen.error().message();
  EXPECT_TRUE(message.contains(cat("not everybody stopped in time: ", stuck_, " (D"))) << message;
  EXPECT_FALSE(message.contains(cat(other))) << message;
  EXPECT_FALSE(*is_frozen(plan_.paths));
  ASSERT_TRUE(kill_cgroup(plan_.paths, SIGKILL));
  EXPECT_EQ(exit_code(other), 128 + SIGKILL);
}

TEST_F(Freezer, DoesNotKeepASignalFromTheOthers) {
  const pid_t other = another();
  const std::int64_t begin = sys::monotonic_ms();
  EXPECT_TRUE(kill_cgroup(plan_.paths, SIGUSR1));
  EXPECT_LT(sys::monotonic_ms() - begin, 1500);
  EXPECT_EQ(exit_code(other), 128 + SIGUSR1);
}

}  // namespace
}  // namespace brig::kernel_test
