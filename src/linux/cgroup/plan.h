// The container's cgroups, limits and device rules, decided in full before anything is created.
#pragma once

#include "base/error.h"
#include "linux/cgroup/facts.h"
#include "linux/cgroup/paths.h"
#include "linux/cgroup/types.h"

namespace brig {

namespace spec {
struct Spec;
}

// What plan_cgroup() will want to know, so that probing reads no more than that.
CgroupNeeds plan_cgroup_needs(const spec::Spec& spec, const CgroupRequest& request);

// A limit that this host cannot enforce is an error that names the field, the file and the
// reason; so are device rules that would restrict a privileged container and cannot.
Result<CgroupPlan> plan_cgroup(const spec::Spec& spec, const CgroupFacts& facts,
                               const CgroupRequest& request);

}  // namespace brig
