// The parent's side of init/protocol.h.
#pragma once

#include "base/error.h"
#include "runtime/launch.h"

namespace brig::runtime {

enum class InitState : std::uint8_t {
  Ready,  // it waits to be released by `start`
  Gone,   // the channel is closed: it executes the program, or is dead
};

// Answers init until it is ready or gone; a Failed of it is the error.
Result<InitState> serve_init(Launch& launch);

}  // namespace brig::runtime
