// What a mount of type "cgroup" shows inside the container.
#pragma once

#include "linux/cgroup/types.h"
#include "linux/types.h"

namespace brig {

enum class CgroupNamespace : std::uint8_t {
  Inherited,  // the container would see the host's whole tree: it gets its own directory bound
  Own,        // a new filesystem shows the container's cgroup as the root by itself
};

// Without any cgroup of its own the container sees an empty tmpfs, never the host's tree.
CgroupView plan_cgroup_view(const CgroupPaths& paths, CgroupNamespace cgroup_namespace);

}  // namespace brig
