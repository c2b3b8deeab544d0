// What the caller of create, run and exec gets of the new process.
#pragma once

#include <string>

#include "base/error.h"
#include "runtime/runtime.h"
#include "sys/process.h"

namespace brig::runtime {

// The pid file (whole from the moment it has its name: engines read it as soon as it is there)
// and the pidfd socket.
struct HandOut {
  const std::string &pid_file, &pidfd_socket;  // paths; empty: not wanted
  std::string_view pidfd_word;                 // comes with the pidfd; "setns" from exec

  static HandOut of(const CreateOptions& options) {
    return {options.pid_file, options.pidfd_socket, "standard"};
  }
};
Result<> hand_out_process(const sys::Child& child, const HandOut& wanted);

}  // namespace brig::runtime
