#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "linux/network/plan.h"
#include "sys/fd.h"
#include "sys/route.h"

namespace brig {

// What the host has lent to a container, for as long as it may have to come back. It keeps the
// container's network namespace alive.
struct NetworkLoan {
  struct Device {
    std::string host_name;
    std::uint32_t index = 0;  // there
    bool was_up = false;
    std::vector<sys::NetworkAddress> addresses;
  };
  Fd home;
  std::optional<sys::RouteSocket> there;
  std::vector<Device> devices;
};

// Moves the devices and their permanent addresses of global scope, and brings them up there. What
// has been moved is in `loan` also when a later device cannot be.
Result<> apply_network(const NetworkPlan& plan, FdRef network_namespace, NetworkLoan& loan);
Result<> undo_network(NetworkLoan& loan);

// Those that move with the device: of the others the kernel makes new ones.
std::vector<sys::NetworkAddress> lasting_addresses(std::vector<sys::NetworkAddress> addresses);

}  // namespace brig
