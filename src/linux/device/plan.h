// Device nodes and the links that every container has in its /dev.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "linux/types.h"

namespace brig {

namespace spec {
struct Spec;
}

struct DeviceNode {
  ContainerPath path;
  std::uint32_t mode = 0;  // S_IFCHR, S_IFBLK or S_IFIFO, and the permissions
  std::uint32_t major = 0, minor = 0;
  std::uint32_t uid = 0, gid = 0;
  bool bound_from_host = false;  // user namespaces cannot mknod: the host's own node is bound
  std::string json_path;
  bool operator==(const DeviceNode&) const = default;
};

struct DeviceLink {
  std::string target;
  ContainerPath path;
  bool replace = false;  // an image's file in its place goes away
  bool operator==(const DeviceLink&) const = default;
};

struct DevicePlan {
  std::vector<DeviceNode> nodes;
  std::vector<DeviceLink> links;
  bool operator==(const DevicePlan&) const = default;
};

struct DeviceFacts {
  bool user_namespace = false;
  bool dev_is_host = false;    // /dev comes from the host by a bind mount: nothing is added to it
  bool has_proc_core = false;  // /proc/kcore exists
};

Result<DevicePlan> plan_devices(const spec::Spec& spec, const DeviceFacts& facts);

}  // namespace brig
