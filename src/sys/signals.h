// Signals as things to read instead of handlers.
#pragma once

#include <signal.h>

#include "base/error.h"
#include "sys/fd.h"

namespace brig::sys {

// Blocks every signal of this thread and queues them for reading, until it is destroyed; then
// the old mask is back. SIGKILL, SIGSTOP and the signals of faults stay what they are.
class SignalQueue {
 public:
  static Result<SignalQueue> open();
  SignalQueue(SignalQueue&& other) noexcept : fd_(std::move(other.fd_)), old_(other.old_) {}
  SignalQueue& operator=(SignalQueue&&) = delete;
  ~SignalQueue();

  [[nodiscard]] FdRef fd() const { return fd_; }
  Result<int> next();  // the number of one signal; waits

 private:
  SignalQueue(Fd fd, const sigset_t& old) : fd_(std::move(fd)), old_(old) {}
  Fd fd_;
  sigset_t old_;
};

// A caller that ignores SIGCHLD leaves that to its children, and theirs would then end without a
// status to wait for (sigaction(2)).
Result<> receive_child_signal();

}  // namespace brig::sys
