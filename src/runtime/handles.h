// What the caller of create, run and exec gets of the new process.
#pragma once

#include <map>
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
  std::string pidfd_receiver = {};             // crun's way to name a further socket for it

  static HandOut of(const CreateOptions& options,
                    const std::map<std::string, std::string>& annotations);
};
Result<> hand_out_process(const sys::Child& child, const HandOut& wanted);

}  // namespace brig::runtime
