// From the device rules that a v1 cgroup has to others.
#pragma once

#include <string_view>
#include <vector>

#include "linux/cgroup/types.h"

namespace brig {

struct V1DeviceChanges {
  std::vector<CgroupWrite> writes;
  // The first write makes all rules void, and what follows has not been said yet.
  bool starts_over = false;
};

// `wanted` as v1_device_writes() has it, `list` the content of devices.list. Between two lists of
// what is allowed the new devices come first and then the old go: whatever both allow is allowed
// all the time, and what neither allows never is.
V1DeviceChanges v1_device_changes(const std::vector<CgroupWrite>& wanted, std::string_view list);

}  // namespace brig
