// Whom the container's cgroup belongs to: its user may then divide it into cgroups of its own, as
// systemd or a nested engine does (config-linux.md, "Cgroup ownership").
#pragma once

#include <sys/types.h>

#include <optional>

#include "linux/cgroup/types.h"

namespace brig {

namespace spec {
struct Spec;
}

// The host's uid of the container's user; nullopt: the cgroup stays ours. It is given away on v2
// alone (v1 does not keep whoever owns a cgroup from leaving it), and only where the container can
// use it: in a cgroup namespace of its own, with its cgroup mounted for writing.
std::optional<uid_t> plan_cgroup_owner(const spec::Spec& spec, CgroupMode mode);

}  // namespace brig
