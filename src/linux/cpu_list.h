// Lists of processors or memory nodes as the kernel writes them (cpuset(7), "List format").
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace brig {

// "0-3,7" -> {0x8f}: bit i of the bytes is processor i. Hosts have more than 1024 of them, and a
// list may name more than this host has. None: not a list.
std::optional<std::vector<std::uint8_t>> mask_of_list(std::string_view list);

}  // namespace brig
