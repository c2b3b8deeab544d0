#include "linux/network/plan.h"

#include "base/text.h"
#include "spec/types.h"

namespace brig {

NetworkPlan plan_network(const spec::Linux& linux_section) {
  NetworkPlan plan;
  for (const auto& [host_name, name] : linux_section.net_devices)
    plan.push_back({.host_name = host_name, .name = name});
  return plan;
}

bool is_template(const std::string& name) {
  return name.contains("%d");
}

std::string numbered_name(const std::string& name, unsigned number) {
  const std::size_t place = name.find("%d");
  if (place == std::string::npos) return name;
  return cat(std::string_view(name).substr(0, place), number,
             std::string_view(name).substr(place + 2));
}

}  // namespace brig
