// Devices and addresses of a network namespace: rtnetlink(7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sys/fd.h"

namespace brig::sys {

struct NetworkDevice {
  std::uint32_t index = 0;
  bool up = false;
};

// An address of a device, as struct ifaddrmsg and its attributes have it.
struct NetworkAddress {
  std::uint8_t family = 0, prefix_length = 0, scope = 0;
  std::uint32_t flags = 0;                // IFA_F_*
  std::string local, address, broadcast;  // bytes; empty: none
  std::uint32_t priority = 0;             // of the route that comes with it
  bool operator==(const NetworkAddress&) const = default;
};

// It stays in the namespace in which it was opened, and keeps that one alive. An error has the
// kernel's own words where it has any (NETLINK_EXT_ACK).
class RouteSocket {
 public:
  static Result<RouteSocket> open();
  // In another namespace: the calling thread goes there and comes back. Needs CAP_SYS_ADMIN here
  // and there.
  static Result<RouteSocket> open_in(FdRef network_namespace);

  Result<std::optional<NetworkDevice>> find(const std::string& name);
  Result<std::vector<NetworkAddress>> addresses(std::uint32_t device);
  // To another namespace, under this name; it is down there and has lost its addresses.
  Result<> move(std::uint32_t device, FdRef network_namespace, const std::string& name);
  Result<> add_address(std::uint32_t device, const NetworkAddress& address);
  Result<> bring_up(std::uint32_t device);

 private:
  explicit RouteSocket(Fd socket) : socket_(std::move(socket)) {}
  Result<std::vector<std::string>> request(std::string message, std::string_view what);

  Fd socket_;
  std::uint32_t sequence_ = 0;
};

}  // namespace brig::sys
