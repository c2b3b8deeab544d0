#include "runtime/saved_mounts.h"

#include "spec/namespaces.h"
#include "spec/types.h"

namespace brig::runtime {

MountFacts mount_facts_of(const Record& record, const spec::Spec& saved, const Caller& caller) {
  return {.user_namespace = record.namespaces.has(Ns::User) || !caller.on_host,
          .owns_network = spec::creates_namespace(*saved.linux_, "network"),
          .own_pid = record.namespaces.has(Ns::Pid),
          .bundle = record.bundle,
          .rootfs = record.rootfs};
}

CgroupView cgroup_view_of(const Record& record) {
  return plan_cgroup_view(record.cgroup, record.namespaces.has(Ns::Cgroup)
                                             ? CgroupNamespace::Own
                                             : CgroupNamespace::Inherited);
}

}  // namespace brig::runtime
