#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/kernel_abi.h"
#include "sys/process.h"

namespace brig::sys {

namespace {

// Exit codes of a child that did not reach its image; the shell's own for "cannot execute".
constexpr int kBirthFailed = 125;

// Runs between clone3 and execveat: system calls only, nothing that could need a lock which
// another thread of the parent holds.
[[noreturn]] void become_image(const BirthPlan& birth, const ExecImage& image) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const int tasks : birth.cgroup_tasks)
    if (::write(tasks, "0", 1) != 1) ::_exit(kBirthFailed);
  for (const int kept : birth.kept_fds)
    if (::fcntl(kept, F_SETFD, 0) != 0) ::_exit(kBirthFailed);
  ::syscall(SYS_execveat, image.binary.raw(), "", image.argv, image.envp, AT_EMPTY_PATH);
  ::_exit(kBirthFailed);
}

}  // namespace

Result<Child> spawn_image(const BirthPlan& birth, const ExecImage& image) {
  int pidfd = -1;
  abi::CloneArgs args{};
  // What the caller ignores must not stay ignored in the container.
  args.flags = birth.namespaces | CLONE_PIDFD | abi::kCloneClearSighand;
  args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  if (birth.cgroup) {
    args.flags |= abi::kCloneIntoCgroup;
    args.cgroup = static_cast<std::uint64_t>(birth.cgroup.raw());
  }
  const long pid = ::syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0) return fail_errno("clone3");
  if (pid == 0) become_image(birth, image);
  return Child{.pid = static_cast<pid_t>(pid), .pidfd = Fd(pidfd)};
}

}  // namespace brig::sys
