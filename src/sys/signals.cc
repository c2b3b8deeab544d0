#include "sys/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include "sys/retry.h"

namespace brig::sys {

Result<SignalQueue> SignalQueue::open() {
  sigset_t wanted;
  sigset_t old;
  ::sigfillset(&wanted);
  for (const int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP})
    ::sigdelset(&wanted, fault);
  if (::sigprocmask(SIG_BLOCK, &wanted, &old) != 0) return fail_errno("sigprocmask");
  Fd fd(::signalfd(-1, &wanted, SFD_CLOEXEC));
  if (!fd) return fail_errno("signalfd");
  return SignalQueue(std::move(fd), old);
}

SignalQueue::~SignalQueue() {
  if (fd_) ::sigprocmask(SIG_SETMASK, &old_, nullptr);
}

Result<> receive_child_signal() {
  struct sigaction fallback{};
  fallback.sa_handler = SIG_DFL;
  if (::sigaction(SIGCHLD, &fallback, nullptr) != 0) return fail_errno("sigaction");
  return {};
}

Result<int> SignalQueue::next() {
  signalfd_siginfo info{};
  const ssize_t got = retry_eintr([&] { return ::read(fd_.raw(), &info, sizeof info); });
  if (got != static_cast<ssize_t>(sizeof info)) return fail_errno("read signalfd");
  return static_cast<int>(info.ssi_signo);
}

}  // namespace brig::sys
