// What the caller of create and run gets of the new process.
#pragma once

#include "base/error.h"
#include "runtime/launch.h"

namespace brig::runtime {

// The pid file (whole from the moment it has its name: engines read it as soon as it is there)
// and the pidfd socket.
Result<> hand_out_process(const Launch& launch);

}  // namespace brig::runtime
