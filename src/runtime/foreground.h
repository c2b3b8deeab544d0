// A container in the foreground: signals go to it, its terminal is ours, its end is ours.
#pragma once

#include "base/error.h"
#include "runtime/notify.h"
#include "sys/fd.h"
#include "sys/process.h"
#include "sys/signals.h"

namespace brig::runtime {

struct Foreground {
  const sys::Child& child;
  FdRef terminal = FdRef::none();  // the pty master to relay to our standard streams
  sys::SignalQueue& signals;
  NotifyRelay& notify;
};

// Gives a pty the size of our own terminal: before the program starts, which would otherwise see
// a size of 0 and then a change.
void adopt_window_size(FdRef terminal);

// Until the container's init has ended and the last of its terminal is copied.
Result<sys::ExitStatus> attend(const Foreground& foreground);

}  // namespace brig::runtime
