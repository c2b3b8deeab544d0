// Processes: clone3, pidfds, waiting, signals, exec, and a process' own identity.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "sys/fd.h"

namespace brig::sys {

// A process by number and by pidfd. The number alone is only good while we are its parent.
struct Child {
  pid_t pid = -1;
  Fd pidfd;
};

// How a new process is born.
struct BirthPlan {
  std::uint64_t namespaces = 0;   // CLONE_NEW* bits
  FdRef cgroup = FdRef::none();   // cgroup2 directory to be born in
  std::vector<int> cgroup_tasks;  // v1 `tasks` files, open for writing: gets "0" in each
};

// How a child ends that could not be born as planned.
inline constexpr int kCgroupRefused = 124, kImageRefused = 125;

// clone3 as fork(2) does it: pid 0 in the child, which is a copy, has no signal handlers,
// is in its cgroups and dies when its parent does (PR_SET_PDEATHSIG) until it says otherwise.
// Only for single-threaded processes: the lock that another thread held would stay held.
Result<Child> fork_into_birth(const BirthPlan& birth);
bool is_single_threaded();

// The same, and at once execveat of `binary`: between the two calls the child makes system calls
// only, so that threads of an embedding program do no harm. A child that cannot execute the image
// exits with kImageRefused.
struct ExecImage {
  FdRef binary;
  char* const* argv = nullptr;
  char* const* envp = nullptr;
  std::vector<int> kept_fds;  // lose their close-on-exec
};
Result<Child> spawn_image(const BirthPlan& birth, const ExecImage& image);

// clone3 as fork(2): the child is a copy. Returns pid 0 in the child. CLONE_PARENT makes it the
// sibling of the caller. Only for single-threaded processes.
Result<Child> fork_with(std::uint64_t flags);

struct ExitStatus {
  bool signaled = false;
  int code = 0;  // exit code, or the signal
  // As shells and runc count: 128 + signal.
  [[nodiscard]] int shell_code() const { return signaled ? 128 + code : code; }
};

// waitid(P_PIDFD, WEXITED); nullopt when the process is not our child.
Result<std::optional<ExitStatus>> reap(FdRef pidfd);
Result<bool> is_child(FdRef pidfd);  // not reaped yet
// As a subreaper: every child that has ended, but not `kept`, whose status is still wanted.
Result<> reap_others(pid_t kept);

Result<Fd> pidfd_open(pid_t pid);
Result<> pidfd_send_signal(FdRef pidfd, int signal);
// Of either: the process has ended. EINVAL (since Linux 6.16 ENOENT) is for a number that lives on
// as that of a process group or session, or is a thread's.
bool is_no_process(const Error& error);
Result<Fd> pidfd_getfd(FdRef pidfd, int number);  // a copy of that process' descriptor

Result<> set_namespace(FdRef ns, int type);      // setns(2)
Result<> unshare(std::uint64_t namespaces);      // unshare(2)
Result<std::uint64_t> namespace_type(FdRef ns);  // NS_GET_NSTYPE; ENOTTY: not a namespace
Result<Fd> namespace_owner(FdRef ns);            // NS_GET_USERNS

Result<> set_hostname(const std::string& name);
Result<> set_domainname(const std::string& name);
Result<> set_parent_death_signal(int signal);  // 0: none
Result<> set_not_dumpable();
Result<> set_dumpable();
Result<> set_subreaper();
Result<> start_session();                 // setsid(2)
void set_process_name(const char* name);  // PR_SET_NAME, at most 15 bytes
mode_t set_umask(mode_t mask);

Result<> change_directory(const std::string& path);
Result<> change_directory(FdRef dir);
// getcwd(2) as the kernel says it: "(unreachable)/..." when outside the root.
Result<std::string> current_directory();

Result<> block_all_signals();
Result<> restore_signals();  // default dispositions and an empty mask, for exec

// Only return on failure.
Error exec_file(FdRef file, const std::vector<std::string>& argv,
                const std::vector<std::string>& envp);
Error exec(const std::string& path, const std::vector<std::string>& argv,
           const std::vector<std::string>& envp);
Result<> check_executable(const std::string& path);  // faccessat2(X_OK, AT_EACCESS)

bool in_initial_user_namespace();
pid_t own_pid();
uid_t effective_uid();
gid_t effective_gid();
[[noreturn]] void exit_now(int code);  // _exit: no destructors, no stdio

// poll(2) on up to five descriptors for POLLIN/POLLHUP; timeout -1 waits for ever. Element i of
// the result tells whether descriptor i is ready; none is ready after a timeout.
Result<std::vector<bool>> wait_readable(const std::vector<FdRef>& fds, int timeout_ms);

std::int64_t monotonic_ms();
// Nanoseconds since 1970, UTC.
std::int64_t wall_clock_ns();
void sleep_ms(int ms);

}  // namespace brig::sys
