#include "sys/spawn.h"
#include "sys/c_strings.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "sys/kernel_abi.h"
#include "sys/memory_file.h"
#include "sys/retry.h"

namespace brig::sys {

namespace {

// SIGKILL takes effect when a system call returns: a program stuck in the kernel (an unreachable
// network file system) may not go for ever, and it must not take us with it.
constexpr int kKillGraceMs = 5000;

struct Pipe {
  Fd read, write;
};

// Everything the child touches, made before it exists: between clone3 and execve it may not
// allocate, another thread of an embedding program may hold the lock.
struct Launch {
  Fd input;
  Pipe output, error;
  Pipe verdict;  // gets errno when execve is refused; EOF tells that it was not
  std::vector<char*> argv, envp;
};

// The numbers 0 to 2 are free when our caller closed them; the child's dup2 would overwrite a
// descriptor there that it still needs.
Result<Fd> above_stdio(Fd fd) {
  if (FdRef(fd).raw() > STDERR_FILENO) return fd;
  const int moved = ::fcntl(FdRef(fd).raw(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (moved < 0) return fail_errno("fcntl F_DUPFD_CLOEXEC");
  return Fd(moved);
}

Result<Pipe> open_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("pipe2");
  Fd read(ends[0]);
  Fd write(ends[1]);
  Pipe pipe;
  pipe.read = TRY(above_stdio(std::move(read)));
  pipe.write = TRY(above_stdio(std::move(write)));
  // Ours alone: the flag belongs to this end, the program's end keeps blocking.
  if (::fcntl(FdRef(pipe.read).raw(), F_SETFL, O_NONBLOCK) != 0) return fail_errno("fcntl F_SETFL");
  return pipe;
}

// The pipe then is at its end from the beginning.
Result<> replace_end(Pipe& pipe, FdRef given) {
  if (!given) return {};
  Fd copy(::fcntl(given.raw(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!copy) return fail_errno("fcntl F_DUPFD_CLOEXEC");
  pipe.write = std::move(copy);
  return {};
}

Result<Launch> make_launch(const Program& program) {
  Launch launch;
  // A file, not a pipe: nobody has to feed it, so a program that never reads its input cannot
  // block us, nor one that closes it early end us with SIGPIPE.
  Fd input = TRY(memory_file_with("input", program.input));
  launch.input = TRY(above_stdio(std::move(input)));
  launch.output = TRY(open_pipe());
  launch.error = TRY(open_pipe());
  TRY(replace_end(launch.output, program.output));
  TRY(replace_end(launch.error, program.error));
  launch.verdict = TRY(open_pipe());
  launch.argv = c_strings(program.argv);
  launch.envp = c_strings(program.envp);
  return launch;
}

// execve keeps "ignored" and the mask: a Go or Python parent that ignores SIGPIPE would hand
// that on to every tool a hook calls.
void reset_signals() {
  struct sigaction by_default{};
  by_default.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &by_default, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool prepare_descriptors(const Launch& launch, FdRef cwd) {
  if (cwd && cwd.raw() != AT_FDCWD && ::fchdir(cwd.raw()) != 0) return false;
  if (::dup2(FdRef(launch.input).raw(), STDIN_FILENO) < 0) return false;
  if (::dup2(FdRef(launch.output.write).raw(), STDOUT_FILENO) < 0) return false;
  if (::dup2(FdRef(launch.error.write).raw(), STDERR_FILENO) < 0) return false;
  // Not closed yet: the verdict's end has to last until execve.
  return ::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, abi::kCloseRangeCloexec) == 0;
}

[[noreturn]] void become_program(const Program& program, const Launch& launch) {
  // A session of its own is a process group of its own, which a timeout can kill as one, and
  // keeps the terminal's Ctrl-C away.
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  reset_signals();
  if (prepare_descriptors(launch, program.cwd))
    ::execve(program.path.c_str(), launch.argv.data(), launch.envp.data());
  const int why = errno;
  [[maybe_unused]] const ssize_t told =
      ::write(FdRef(launch.verdict.write).raw(), &why, sizeof why);
  ::_exit(127);
}

// Keeps the last `limit` bytes of what is there to be read. False at the end of the file.
bool drain(FdRef pipe, std::string& kept, std::size_t limit) {
  std::array<char, 4096> chunk;
  // Bounded: a writer as fast as we are must not hold us past the deadline.
  for (int reads = 0; reads < 64; ++reads) {
    const ssize_t got = retry_eintr([&] { return ::read(pipe.raw(), chunk.data(), chunk.size()); });
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN;
    kept.append(chunk.data(), static_cast<std::size_t>(got));
    if (kept.size() > limit) kept.erase(0, kept.size() - limit);
  }
  return true;
}

int left_until(std::int64_t deadline) {
  if (deadline < 0) return -1;
  return static_cast<int>(std::max<std::int64_t>(deadline - monotonic_ms(), 0));
}

struct Running {
  Child child;
  Fd output, error, verdict;
  std::size_t kept_output;
  ProgramResult result;
};

void take_output(Fd& pipe, std::string& kept, std::size_t limit) {
  // poll(2) leaves out negative descriptors; one at its end would be ready for ever.
  if (pipe && !drain(pipe, kept, limit)) pipe.close();
}

// Drains the outputs until the program has ended. False when the deadline came first.
Result<bool> wait_for_end(Running& running, std::int64_t deadline) {
  while (true) {
    std::array<pollfd, 3> polled{{{FdRef(running.child.pidfd).raw(), POLLIN, 0},
                                  {FdRef(running.output).raw(), POLLIN, 0},
                                  {FdRef(running.error).raw(), POLLIN, 0}}};
    const int ready = ::poll(polled.data(), polled.size(), left_until(deadline));
    if (ready < 0 && errno != EINTR) return fail_errno("poll");
    // After its end too: what it wrote last is still in the pipes. We do not wait for their end
    // of file, which a grandchild can put off for ever.
    take_output(running.output, running.result.standard_output, running.kept_output);
    take_output(running.error, running.result.standard_error, running.kept_output);
    if (ready > 0 && polled[0].revents != 0) return true;
    if (left_until(deadline) == 0) return false;
  }
}

Result<> kill_group(Running& running) {
  running.result.timed_out = true;
  ::kill(-running.child.pid, SIGKILL);  // not yet reaped, so the number is still its own
  // Again by itself: it may not have come as far as setsid.
  ignore(pidfd_send_signal(running.child.pidfd, SIGKILL), "it may have ended by now");
  const bool ended = TRY(wait_for_end(running, monotonic_ms() + kKillGraceMs));
  if (!ended) return fail(Errc::System, "not gone 5 s after SIGKILL: it is stuck in the kernel");
  return {};
}

// What execve said, once the child has ended.
Result<> check_executed(const Running& running, const std::string& path) {
  int why = 0;
  if (::read(FdRef(running.verdict).raw(), &why, sizeof why) != sizeof why) return {};
  return std::unexpected(Error::system(why, cat("exec ", path)));
}

Result<Running> launch_program(const Program& program) {
  Launch launch = TRY(make_launch(program));
  Child child = TRY(fork_with(0));
  if (child.pid == 0) become_program(program, launch);
  return Running{.child = std::move(child),
                 .output = std::move(launch.output.read),
                 .error = std::move(launch.error.read),
                 .verdict = std::move(launch.verdict.read),
                 .kept_output = program.kept_output,
                 .result = {}};
}

}  // namespace

Result<ProgramResult> run_program(const Program& program) {
  Running running = TRY(launch_program(program));
  const std::int64_t deadline = program.timeout_ms < 0 ? -1 : monotonic_ms() + program.timeout_ms;
  const bool ended = TRY(wait_for_end(running, deadline));
  if (!ended) TRY(kill_group(running));
  const std::optional<ExitStatus> status = TRY(reap(running.child.pidfd));
  TRY(check_executed(running, program.path));
  if (!status)
    return fail(Errc::System, "its exit status is lost: whoever started us ignores SIGCHLD");
  running.result.status = *status;
  return std::move(running.result);
}

}  // namespace brig::sys
