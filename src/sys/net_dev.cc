#include "sys/net_dev.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace brig::sys {

namespace {

// Eight columns of what was received, eight of what was sent.
constexpr std::size_t kColumns = 16;

std::optional<std::array<std::uint64_t, kColumns>> parse_columns(std::string_view text) {
  std::array<std::uint64_t, kColumns> values{};
  for (std::uint64_t& value : values) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const auto [stop, error] = std::from_chars(text.begin(), text.end(), value);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(stop - text.begin()));
  }
  return values;
}

// "  eth0: 574504032   12359    0    0    0     0          0         0   549513 ..."; a name may
// hold a colon itself (an alias), the last one ends it.
std::optional<NetworkInterface> parse_line(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(' ');
  const std::size_t colon = line.rfind(':');
  if (begin == std::string_view::npos || colon == std::string_view::npos) return std::nullopt;
  const std::optional<std::array<std::uint64_t, kColumns>> values =
      parse_columns(line.substr(colon + 1));
  if (!values) return std::nullopt;
  return NetworkInterface{.name = std::string(line.substr(begin, colon - begin)),
                          .rx_bytes = (*values)[0],
                          .rx_packets = (*values)[1],
                          .rx_errors = (*values)[2],
                          .rx_dropped = (*values)[3],
                          .tx_bytes = (*values)[8],
                          .tx_packets = (*values)[9],
                          .tx_errors = (*values)[10],
                          .tx_dropped = (*values)[11]};
}

}  // namespace

std::vector<NetworkInterface> parse_net_dev(std::string_view text) {
  std::vector<NetworkInterface> interfaces;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (std::optional<NetworkInterface> found = parse_line(text.substr(0, end)))
      interfaces.push_back(std::move(*found));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return interfaces;
}

}  // namespace brig::sys
