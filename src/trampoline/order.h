// What the trampoline is told: plain data that is appended to its image (init/trampoline.cc).
#pragma once

#include <cstdint>

namespace brig {

// A message for whoever started the container, with a place for the errno.
struct TrampolineReport {
  std::uint32_t offset = 0, size = 0;  // in the image
  std::uint32_t errno_offset = 0;      // of a 32-bit number, in the message
};

struct TrampolineOrder {
  std::int32_t wait_fd = -1;    // read one byte here first; -1: no wait
  std::int32_t report_fd = -1;  // where a report goes
  std::uint32_t filter_offset = 0, filter_count = 0, filter_flags = 0;  // seccomp; 0: none
  TrampolineReport filter_failed, exec_failed;
};

inline constexpr std::uint32_t kLongestReport = 2048;

}  // namespace brig
