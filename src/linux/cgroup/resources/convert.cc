#include "linux/cgroup/resources/convert.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"

namespace brig {

std::uint64_t cpu_weight_of_shares(std::uint64_t shares) {
  if (shares <= 2) return 1;
  if (shares >= 262'144) return 10'000;
  const double log = std::log2(static_cast<double>(shares));
  const double weight = std::pow(10.0, (log * log + 125.0 * log) / 612.0 - 7.0 / 34.0);
  // Where fused multiplication rounds differently, 1024 shares must still be 100 and not 101.
  return static_cast<std::uint64_t>(std::ceil(weight - 1e-9));
}

std::uint64_t io_weight_of_blkio(std::uint64_t weight) {
  const std::uint64_t within = std::clamp<std::uint64_t>(weight, 10, 1000);
  return 1 + (within - 10) * 9999 / 990;
}

std::string number_or_max(std::int64_t number) {
  return number < 0 ? "max" : cat(number);
}

bool is_page_size(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || text[0] == '0') return false;
  constexpr std::array<std::string_view, 4> kUnits = {"B", "KB", "MB", "GB"};
  return std::find(kUnits.begin(), kUnits.end(), text.substr(digits)) != kUnits.end();
}

bool is_unified_key(std::string_view key) {
  constexpr std::array<std::string_view, 3> kOfCore = {"cgroup.max.depth", "cgroup.max.descendants",
                                                       "cgroup.pressure"};
  if (key.starts_with("cgroup."))
    return std::find(kOfCore.begin(), kOfCore.end(), key) != kOfCore.end();
  const std::size_t dot = key.find('.');
  if (dot == 0 || dot == std::string_view::npos || dot + 1 == key.size()) return false;
  return key.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
         std::string_view::npos;
}

}  // namespace brig
