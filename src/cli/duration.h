// Lengths of time as Go writes them, which is how runc's callers do.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace brig::cli {

// "5s", "1m30s", "1.5h", "500ms", "-1s"; a number alone is in seconds. Less than a millisecond,
// but more than nothing, is a millisecond.
Result<std::int64_t> parse_duration_ms(std::string_view text);

}  // namespace brig::cli
