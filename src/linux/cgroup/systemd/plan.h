// What a transient unit is told about its container.
//
// Whatever a property says of a limit, the cgroup's file says too, and exactly: systemd is told so
// that `systemctl` shows it and a daemon-reload, which writes every file anew, keeps it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "linux/cgroup/systemd/unit.h"
#include "linux/cgroup/systemd/value.h"
#include "linux/cgroup/types.h"

namespace brig {

namespace spec {
struct Resources;
}

struct SystemdPlan {
  SystemdUnit unit;
  std::vector<SystemdProperty> properties;  // all but the processes
  bool operator==(const SystemdPlan&) const = default;
};

struct SystemdFacts {
  std::string id;  // of the container
  CgroupMode mode = CgroupMode::V2;
  // v1 only: a device program of v2 is ours, and systemd leaves it alone.
  std::vector<CgroupDeviceRule> device_rules;
};

using Annotations = std::map<std::string, std::string>;

Result<SystemdPlan> plan_systemd(const SystemdUnit& unit, const spec::Resources& resources,
                                 const Annotations& annotations, const SystemdFacts& facts);

// The limits alone, for a unit that exists: `update`. Values were checked by plan_cgroup_limits().
Result<std::vector<SystemdProperty>> plan_systemd_properties(const spec::Resources& resources,
                                                             CgroupMode mode);

}  // namespace brig
