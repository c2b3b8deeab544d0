// Values that v1 and v2 count differently.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace brig {

// cpu.shares (2..262144, default 1024) -> cpu.weight (1..10000, default 100). A curve through the
// three points minimum, default and maximum, common to runtimes since 2025: the linear
// conversion before it turned the default into 39.
std::uint64_t cpu_weight_of_shares(std::uint64_t shares);

// blkio.weight (10..1000) -> io.weight (1..10000).
std::uint64_t io_weight_of_blkio(std::uint64_t weight);

// -1 is "max".
std::string number_or_max(std::int64_t number);

// "64KB", "2MB", "1GB": the name becomes a part of file names.
bool is_page_size(std::string_view text);

// A file of the container's own cgroup that a limit may be written to: "memory.high". Not those
// that move processes or take the cgroup out of brig's hands: cgroup.procs, cgroup.freeze.
bool is_unified_key(std::string_view key);

}  // namespace brig
