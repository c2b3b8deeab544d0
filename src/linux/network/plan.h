// Devices of the host's network that move into the container's network namespace
// (linux.netDevices).
#pragma once

#include <string>
#include <vector>

namespace brig {

namespace spec {
struct Linux;
}

struct NetworkDeviceMove {
  std::string host_name;
  std::string name;  // in the container; with "%d" in it, the first number that is free
  bool operator==(const NetworkDeviceMove&) const = default;
};
using NetworkPlan = std::vector<NetworkDeviceMove>;

NetworkPlan plan_network(const spec::Linux& linux_section);

// The names to try, one after the other: one, or the template's "eth0", "eth1", ...
std::string numbered_name(const std::string& name, unsigned number);
bool is_template(const std::string& name);

}  // namespace brig
