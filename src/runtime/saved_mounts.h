// What the plan of mounts depends on, of a container that exists: from its record and the
// configuration that was saved.
#pragma once

#include "linux/cgroup/view.h"
#include "linux/mount/plan.h"
#include "runtime/caller.h"
#include "runtime/record.h"

namespace brig::runtime {

MountFacts mount_facts_of(const Record& record, const spec::Spec& saved, const Caller& caller);
CgroupView cgroup_view_of(const Record& record);

}  // namespace brig::runtime
