// What /proc/PID/stat says of a process (proc_pid_stat(5)).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace brig::sys {

struct ProcessStat {
  char state = '?';              // 'Z' zombie, 'X' dead
  std::uint64_t start_time = 0;  // clock ticks since boot
};

// Errors with ENOENT or ESRCH when there is no such process.
Result<ProcessStat> process_stat(pid_t pid);
Result<std::uint64_t> start_time_of(pid_t pid);

// The name of the program, in parentheses, may hold anything: the last ")" ends it.
Result<ProcessStat> parse_process_stat(std::string_view text);

}  // namespace brig::sys
