#include "sys/pipe.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace brig::sys {

Result<PipeEnds> open_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("pipe2");
  return PipeEnds{.read = Fd(ends[0]), .write = Fd(ends[1])};
}

}  // namespace brig::sys
