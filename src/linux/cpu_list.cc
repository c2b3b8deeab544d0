#include "linux/cpu_list.h"

#include <algorithm>
#include <charconv>

namespace brig {

namespace {

constexpr std::uint32_t kMostProcessors = 1U << 16;  // far above the kernel's NR_CPUS

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  if (error != std::errc() || end != text.end() || number >= kMostProcessors) return std::nullopt;
  return number;
}

void set_bits(std::vector<std::uint8_t>& mask, std::uint32_t first, std::uint32_t last) {
  if (mask.size() <= last / 8) mask.resize(last / 8 + 1);
  for (std::uint32_t i = first; i <= last; ++i)
    mask[i / 8] = static_cast<std::uint8_t>(mask[i / 8] | 1U << i % 8);
}

}  // namespace

std::optional<std::vector<std::uint8_t>> mask_of_list(std::string_view list) {
  std::vector<std::uint8_t> mask;
  while (true) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view range = list.substr(0, comma);
    const std::size_t dash = std::min(range.find('-'), range.size());
    const auto first = number_of(range.substr(0, dash));
    const auto last = dash == range.size() ? first : number_of(range.substr(dash + 1));
    if (!first || !last || *first > *last) return std::nullopt;
    set_bits(mask, *first, *last);
    if (comma == list.size()) return mask;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace brig
