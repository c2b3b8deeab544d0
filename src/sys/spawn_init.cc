#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/kernel_abi.h"
#include "sys/process.h"

namespace brig::sys {

namespace {

abi::CloneArgs clone_args(const BirthPlan& birth, int& pidfd) {
  abi::CloneArgs args{};
  args.flags = birth.namespaces | CLONE_PIDFD | abi::kCloneClearSighand;
  args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  if (birth.cgroup) {
    args.flags |= abi::kCloneIntoCgroup;
    args.cgroup = static_cast<std::uint64_t>(birth.cgroup.raw());
  }
  return args;
}

// In the child; system calls only.
void enter_life(const BirthPlan& birth) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // A thread that is alone in its group is moved through `tasks` without the kernel's
  // threadgroup lock, for which it would wait milliseconds.
  for (const int tasks : birth.cgroup_tasks)
    if (::write(tasks, "0", 1) != 1) ::_exit(kCgroupRefused);
}

[[noreturn]] void become_image(const ExecImage& image) {
  for (const int kept : image.kept_fds)
    if (::fcntl(kept, F_SETFD, 0) != 0) ::_exit(kImageRefused);
  ::syscall(SYS_execveat, image.binary.raw(), "", image.argv, image.envp, AT_EMPTY_PATH);
  ::_exit(kImageRefused);
}

}  // namespace

Result<Child> fork_into_birth(const BirthPlan& birth) {
  int pidfd = -1;
  const abi::CloneArgs args = clone_args(birth, pidfd);
  const long pid = ::syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0) return fail_errno("clone3");
  if (pid > 0) return Child{.pid = static_cast<pid_t>(pid), .pidfd = Fd(pidfd)};
  enter_life(birth);
  return Child{.pid = 0, .pidfd = Fd()};
}

bool is_single_threaded() {
  return __libc_single_threaded != 0;
}

Result<Child> spawn_image(const BirthPlan& birth, const ExecImage& image) {
  Result<Child> child = fork_into_birth(birth);
  if (child && child->pid == 0) become_image(image);
  return child;
}

}  // namespace brig::sys
