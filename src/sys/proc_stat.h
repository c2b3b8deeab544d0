// What /proc/PID/stat says of a process (proc_pid_stat(5)).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace brig::sys {

struct ProcessStat {
  char state = '?';              // 'Z' zombie, 'X' dead
  bool exiting = false;          // PF_EXITING: the thread will not run any program again
  int threads = 0;               // a first thread may end before the others
  std::uint64_t start_time = 0;  // clock ticks since boot

  // Nothing is left of it but what others have still to take note of: its parent, or, for the
  // init of a pid namespace, the parents of those that died with it (zap_pid_ns_processes()).
  [[nodiscard]] bool has_ended() const {
    return threads <= 1 && (exiting || state == 'Z' || state == 'X');
  }
};

// Errors with ENOENT or ESRCH when there is no such process.
Result<ProcessStat> process_stat(pid_t pid);
Result<std::uint64_t> start_time_of(pid_t pid);

// The name of the program, in parentheses, may hold anything: the last ")" ends it.
Result<ProcessStat> parse_process_stat(std::string_view text);

}  // namespace brig::sys
