// linux.resources (without devices) as writes into cgroup files, for v1 and v2.
//
// Engines send zero for "unset" where zero is no useful value (cpu.shares, blockIO.weight, the
// memory sizes, quota and period); pids.limit is the exception: there zero means zero.
#pragma once

#include <vector>

#include "base/error.h"
#include "linux/cgroup/places.h"
#include "linux/cgroup/types.h"

namespace brig {

namespace spec {
struct Resources;
}

bool has_cgroup_limits(const spec::Resources& resources);

Result<std::vector<CgroupWrite>> plan_cgroup_limits(const spec::Resources& resources,
                                                    const CgroupPlaces& places);

}  // namespace brig
