// What /proc/PID/net/dev counts: the network interfaces of a process' network namespace.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace brig::sys {

struct NetworkInterface {
  std::string name;
  std::uint64_t rx_bytes = 0, rx_packets = 0, rx_errors = 0, rx_dropped = 0;
  std::uint64_t tx_bytes = 0, tx_packets = 0, tx_errors = 0, tx_dropped = 0;
  bool operator==(const NetworkInterface&) const = default;
};

// A line that is not understood is left out.
std::vector<NetworkInterface> parse_net_dev(std::string_view text);

}  // namespace brig::sys
