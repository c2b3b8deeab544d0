// The table of `brig stats`, as wide as there is room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cli/stats_row.h"

namespace brig::cli {

// The heading and one line a container. `columns` is the width of the terminal: what does not fit
// is left out, the least important first, and then the ids are cut. 0: as wide as it gets.
std::vector<std::string> stats_table(std::span<const StatsRow> rows, std::size_t columns);

std::string size_text(std::uint64_t bytes);          // "0B", "1.46KiB", "14.6MiB", "1023GiB"
std::string percent_text(std::uint64_t hundredths);  // "12.3"

}  // namespace brig::cli
