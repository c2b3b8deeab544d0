// Kernel parameters of the container's namespaces (linux.sysctl). Which of the host's may never
// be touched is decided here: a parameter that no namespace of the container's own holds is the
// host's.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace brig {

// Which namespaces are not the host's: new ones, or joined by path.
struct SysctlScope {
  bool own_ipc = false, own_network = false, own_uts = false, own_user = false;
};

struct Sysctl {
  std::string key;   // as config.json spells it, for messages
  std::string path;  // below the root of a procfs: "sys/net/ipv4/ip_forward"
  std::string value;
  bool operator==(const Sysctl&) const = default;
};
using SysctlPlan = std::vector<Sysctl>;

Result<SysctlPlan> plan_sysctl(const std::map<std::string, std::string>& sysctl,
                               const SysctlScope& scope);

}  // namespace brig
