// Names of signals, as `kill` takes them.
#pragma once

#include <span>
#include <string_view>

#include "base/error.h"

namespace brig::cli {

// "TERM", "sigterm", "15", "0", "RTMIN", "SIGRTMIN+3", "RTMAX-1".
Result<int> parse_signal(std::string_view text);

}  // namespace brig::cli
