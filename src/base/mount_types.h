// Plain types that the mount planner and the mount syscalls share.
#pragma once

#include <cstdint>
#include <string>

namespace brig {

// MOUNT_ATTR_* bits to set and to clear, and a propagation type (MS_PRIVATE, ... or 0).
struct MountAttributes {
  std::uint64_t set = 0, clear = 0;
  std::uint64_t propagation = 0;
  bool operator==(const MountAttributes&) const = default;
  [[nodiscard]] bool empty() const { return (set | clear | propagation) == 0; }
};

// One parameter of a new filesystem: "mode=755" is {mode, 755}; a flag has no value.
struct FsParameter {
  std::string key, value;
  bool is_flag = false;
  bool operator==(const FsParameter&) const = default;
};

}  // namespace brig
