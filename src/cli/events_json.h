// The lines of `brig events`, to the field what `runc events` prints; what runc has no field for
// follows in each object. docs/command-line.md lists that.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"
#include "runtime/stats.h"

namespace brig::cli {

std::string stats_event(const runtime::ContainerStats& stats);  // both end with a newline
std::string oom_event(std::string_view id);

// 1250 -> 12.5: a JSON number without the zeros at its end.
json::Node decimal(std::uint64_t hundredths);

}  // namespace brig::cli
