// What the plan depends on besides the configuration: the host, taken once.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "linux/cgroup/facts.h"
#include "linux/lsm/facts.h"
#include "linux/namespaces/plan.h"
#include "runtime/caller.h"
#include "sys/fd.h"

namespace brig::runtime {

struct HostFacts {
  Caller caller;
  IdFacts ids;  // only probed for a new user namespace
  bool may_clone_mounts = true;
  std::uint32_t last_capability = 40;
  bool has_proc_core = false;
  CgroupFacts cgroup;
  LsmFacts lsm;  // only probed for a configuration that has a label
};

Result<HostFacts> probe_host(const Caller& caller, const NamespaceRequest& namespaces,
                             const CgroupNeeds& cgroup_needs);

// Opens the namespaces to join, checks that each is of its kind and finds out which of them
// belong to the container's user namespace. The host's owns every namespace, and is not asked.
Result<std::vector<Fd>> open_joined_namespaces(NamespaceRequest& request, const Caller& caller);

// The user namespace among them; none: it is not joined.
FdRef joined_user(const std::vector<NsPath>& joins, const std::vector<Fd>& fds);

}  // namespace brig::runtime
