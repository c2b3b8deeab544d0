// What the trampoline is told: plain data that is appended to its image (init/trampoline.cc).
#pragma once

#include <cstdint>

namespace brig {

// A message for whoever started the container, with a place for a number: an errno, or a pid.
struct TrampolineReport {
  std::uint32_t offset = 0, size = 0;  // in the image
  std::uint32_t number_offset = 0;     // of a 32-bit number, in the message
};

struct TrampolineOrder {
  std::int32_t wait_fd = -1;    // read one byte here first; -1: no wait
  std::int32_t report_fd = -1;  // where a report goes
  // The program gets a process of its own, born into the pid namespace that was joined, and a
  // session; with a terminal, standard input becomes the session's.
  std::uint32_t forks = 0, takes_terminal = 0;
  std::int32_t proc_fd = -1;           // procfs, where a label is written; -1: none
  std::uint32_t attribute_offset = 0;  // its file there, ends in a NUL
  std::uint32_t label_offset = 0, label_size = 0;
  std::uint32_t filter_offset = 0, filter_count = 0, filter_flags = 0;  // seccomp; 0: none
  TrampolineReport filter_failed, exec_failed;
  TrampolineReport forked, fork_failed, session_failed, label_failed;
};

inline constexpr std::uint32_t kLongestReport = 2048;

}  // namespace brig
