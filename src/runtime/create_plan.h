// From a bundle, the host's facts and the caller's options to everything that `create` will do.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "container/bundle.h"
#include "init/plan.h"
#include "linux/cgroup/paths.h"
#include "linux/cgroup/types.h"
#include "linux/hooks/plan.h"
#include "linux/ids/plan.h"
#include "linux/seccomp/plan.h"
#include "runtime/facts.h"
#include "runtime/runtime.h"

namespace brig::runtime {

struct CreatePlan {
  InitPlan init;      // what the new process does
  CgroupPlan cgroup;  // what the parent does meanwhile
  IdPlan ids;
  HookPlan hooks;
  std::optional<std::int32_t> oom_score_adj;
  std::optional<SeccompProfile> seccomp;  // compiled, or taken from the cache, by the parent
  bool notify = false;  // the container can say that it is ready (runtime/notify.h)
  std::vector<std::string> warnings;
};

struct CreateInput {
  const spec::Spec& spec;
  const Bundle& bundle;
  const HostFacts& facts;
  const CreateOptions& options;
  NamespaceRequest namespaces;
  std::string notify_dir;  // of the host; used with CreateOptions::notify_socket
};

// What to ask the host's cgroups for, before the facts are there.
CgroupRequest cgroup_request(const CreateOptions& options, CgroupManager manager);

Result<CreatePlan> plan_create(const CreateInput& input, const CgroupRequest& cgroup);

}  // namespace brig::runtime
