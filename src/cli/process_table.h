// The table of `brig ps`: what ps(1) of the host prints, without other processes.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace brig::cli {

// The header of what ps printed and the rows of these processes (sorted). Without a PID column:
// an error.
Result<std::string> rows_of(std::string_view printed, std::span<const pid_t> pids);

// `path` is a list of directories as $PATH is; without options -ef.
Result<std::string> process_table(std::span<const pid_t> pids, std::span<const std::string> options,
                                  std::string_view path);

}  // namespace brig::cli
