// Device rules among themselves, and as cgroup v1 takes them.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "linux/cgroup/types.h"

namespace brig {

// Leaves out what no device can notice: rules before the last one for all devices, and rules
// that a later one covers.
std::vector<CgroupDeviceRule> reduce_device_rules(const std::vector<CgroupDeviceRule>& rules);

bool allows_every_device(const std::vector<CgroupDeviceRule>& reduced);

// v1 keeps a default and a list of exceptions to it, and silently ignores a rule that is neither:
// a device that an earlier rule with a wildcard allows cannot be denied. That is an error here.
Result<std::vector<CgroupWrite>> v1_device_writes(const std::vector<CgroupDeviceRule>& rules,
                                                  std::int32_t hierarchy);

}  // namespace brig
