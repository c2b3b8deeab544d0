#include "sys/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>

#include "base/host_paths.h"
#include "sys/c_strings.h"
#include "sys/kernel_abi.h"
#include "sys/retry.h"

namespace brig::sys {

Result<Child> fork_with(std::uint64_t flags) {
  int pidfd = -1;
  abi::CloneArgs args{};
  args.flags = flags | CLONE_PIDFD;
  args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  // With CLONE_PARENT the child inherits our own exit signal and naming one is EINVAL (clone(2)).
  args.exit_signal = (flags & CLONE_PARENT) != 0 ? 0 : SIGCHLD;
  const long pid = ::syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0) return fail_errno("clone3");
  if (pid == 0) return Child{.pid = 0, .pidfd = Fd()};
  return Child{.pid = static_cast<pid_t>(pid), .pidfd = Fd(pidfd)};
}

Result<std::optional<ExitStatus>> reap(FdRef pidfd) {
  siginfo_t info{};
  const auto id = static_cast<id_t>(pidfd.raw());
  if (retry_eintr([&] { return ::waitid(P_PIDFD, id, &info, WEXITED); }) != 0) {
    if (errno == ECHILD) return std::nullopt;
    return fail_errno("waitid");
  }
  return ExitStatus{.signaled = info.si_code != CLD_EXITED, .code = info.si_status};
}

Result<bool> is_child(FdRef pidfd) {
  siginfo_t info{};
  const auto id = static_cast<id_t>(pidfd.raw());
  if (::waitid(P_PIDFD, id, &info, WEXITED | WNOHANG | WNOWAIT) == 0) return true;
  if (errno == ECHILD) return false;
  return fail_errno("waitid");
}

Result<> reap_others(pid_t kept) {
  while (true) {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
      if (errno == EINTR) continue;
      return errno == ECHILD ? Result<>() : fail_errno("waitid");
    }
    if (info.si_pid == 0 || info.si_pid == kept) return {};
    ::waitid(P_PID, static_cast<id_t>(info.si_pid), &info, WEXITED | WNOHANG);
  }
}

Result<Fd> pidfd_open(pid_t pid) {
  const long fd = ::syscall(SYS_pidfd_open, pid, 0);
  if (fd < 0) return fail_errno("pidfd_open ", pid);
  return Fd(static_cast<int>(fd));
}

Result<> pidfd_send_signal(FdRef pidfd, int signal) {
  if (::syscall(SYS_pidfd_send_signal, pidfd.raw(), signal, nullptr, 0) != 0)
    return fail_errno("pidfd_send_signal");
  return {};
}

bool is_no_process(const Error& error) {
  const int why = error.sys_errno();
  return why == ESRCH || why == EINVAL || why == ENOENT;
}

Result<Fd> pidfd_getfd(FdRef pidfd, int number) {
  const long fd = ::syscall(SYS_pidfd_getfd, pidfd.raw(), number, 0);
  if (fd < 0) return fail_errno("pidfd_getfd");
  return Fd(static_cast<int>(fd));  // has close-on-exec
}

Result<> set_namespace(FdRef ns, int type) {
  if (::setns(ns.raw(), type) != 0) return fail_errno("setns");
  return {};
}

Result<> unshare(std::uint64_t namespaces) {
  if (::unshare(static_cast<int>(namespaces)) != 0) return fail_errno("unshare");
  return {};
}

Result<std::uint64_t> namespace_type(FdRef ns) {
  const int type = ::ioctl(ns.raw(), abi::kNsGetNstype);
  if (type < 0) return fail_errno("ioctl NS_GET_NSTYPE");
  return static_cast<std::uint64_t>(type);
}

Result<Fd> namespace_owner(FdRef ns) {
  const int owner = ::ioctl(ns.raw(), abi::kNsGetUserns);
  if (owner < 0) return fail_errno("ioctl NS_GET_USERNS");
  return Fd(owner);
}

Result<> set_hostname(const std::string& name) {
  if (::sethostname(name.data(), name.size()) != 0) return fail_errno("sethostname ", name);
  return {};
}

Result<> set_domainname(const std::string& name) {
  if (::setdomainname(name.data(), name.size()) != 0) return fail_errno("setdomainname ", name);
  return {};
}

Result<> set_parent_death_signal(int signal) {
  if (::prctl(PR_SET_PDEATHSIG, signal) != 0) return fail_errno("prctl PR_SET_PDEATHSIG");
  return {};
}

Result<> set_dumpable() {
  if (::prctl(PR_SET_DUMPABLE, 1) != 0) return fail_errno("prctl PR_SET_DUMPABLE");
  return {};
}

Result<> set_not_dumpable() {
  if (::prctl(PR_SET_DUMPABLE, 0) != 0) return fail_errno("prctl PR_SET_DUMPABLE");
  return {};
}

Result<> set_subreaper() {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return fail_errno("prctl PR_SET_CHILD_SUBREAPER");
  return {};
}

Result<> start_session() {
  if (::setsid() < 0) return fail_errno("setsid");
  return {};
}

void set_process_name(const char* name) {
  ::prctl(PR_SET_NAME, name);
}

mode_t set_umask(mode_t mask) {
  return ::umask(mask);
}

Result<> change_directory(const std::string& path) {
  if (::chdir(path.c_str()) != 0) return fail_errno("chdir ", path);
  return {};
}

Result<> change_directory(FdRef dir) {
  if (::fchdir(dir.raw()) != 0) return fail_errno("fchdir");
  return {};
}

Result<std::string> current_directory() {
  std::array<char, 4096> path;
  // The raw call: glibc's getcwd hides "(unreachable)" behind an error.
  const long length = ::syscall(SYS_getcwd, path.data(), path.size());
  if (length < 0) return fail_errno("getcwd");
  return std::string(path.data(), static_cast<std::size_t>(length) - 1);
}

Result<> block_all_signals() {
  sigset_t all;
  ::sigfillset(&all);
  if (::sigprocmask(SIG_SETMASK, &all, nullptr) != 0) return fail_errno("sigprocmask");
  return {};
}

Result<> restore_signals() {
  struct sigaction fallback{};
  fallback.sa_handler = SIG_DFL;
  // What the caller ignores would stay ignored across execve, and CLONE_CLEAR_SIGHAND leaves it
  // alone too. SIGKILL and SIGSTOP fail, as they may; nobody ignores real-time signals.
  for (int signal = 1; signal < SIGRTMIN; ++signal) ::sigaction(signal, &fallback, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  if (::sigprocmask(SIG_SETMASK, &none, nullptr) != 0) return fail_errno("sigprocmask");
  return {};
}

Error exec_file(FdRef file, const std::vector<std::string>& argv,
                const std::vector<std::string>& envp) {
  ::syscall(SYS_execveat, file.raw(), "", c_strings(argv).data(), c_strings(envp).data(),
            AT_EMPTY_PATH);
  return Error::system(errno, "execveat");
}

Error exec(const std::string& path, const std::vector<std::string>& argv,
           const std::vector<std::string>& envp) {
  ::execve(path.c_str(), c_strings(argv).data(), c_strings(envp).data());
  return Error::system(errno, cat("exec ", path));
}

Result<> check_executable(const std::string& path) {
  // The raw call: glibc 2.36 emulates AT_EACCESS in user space, and gets capabilities wrong.
  if (::syscall(SYS_faccessat2, AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) != 0)
    return fail_errno("access ", path);
  return {};
}

bool in_initial_user_namespace() {
  // PROC_USER_INIT_INO: the kernel gives the first user namespace this number on every host.
  constexpr ino_t kInitialUserNamespace = 0xEFFFFFFDU;
  struct stat info{};
  return ::stat(host_paths::kSelfUserNamespace, &info) == 0 && info.st_ino == kInitialUserNamespace;
}

pid_t own_pid() {
  return ::getpid();
}
uid_t effective_uid() {
  return ::geteuid();
}
gid_t effective_gid() {
  return ::getegid();
}

void exit_now(int code) {
  ::_exit(code);
}

Result<std::vector<bool>> wait_readable(const std::vector<FdRef>& fds, int timeout_ms) {
  std::array<pollfd, 5> polled{};
  if (fds.size() > polled.size()) return std::unexpected(Error::system(EINVAL, "poll"));
  for (std::size_t i = 0; i < fds.size(); ++i)
    polled[i] = {.fd = fds[i].raw(), .events = POLLIN, .revents = 0};
  const int ready = retry_eintr([&] { return ::poll(polled.data(), fds.size(), timeout_ms); });
  if (ready < 0) return fail_errno("poll");
  std::vector<bool> result;
  for (std::size_t i = 0; i < fds.size(); ++i) result.push_back(polled[i].revents != 0);
  return result;
}

std::int64_t monotonic_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

std::int64_t wall_clock_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

void sleep_ms(int ms) {
  timespec left{.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1'000'000L};
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

}  // namespace brig::sys
