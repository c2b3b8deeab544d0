#pragma once

#include "base/error.h"
#include "sys/fd.h"

namespace brig::sys {

struct PipeEnds {
  Fd read, write;
};
Result<PipeEnds> open_pipe();  // pipe2(2)

}  // namespace brig::sys
