// From a bundle, the host's facts and the caller's options to everything that `create` will do.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "container/bundle.h"
#include "init/plan.h"
#include "linux/cgroup/paths.h"
#include "linux/cgroup/systemd/plan.h"
#include "linux/cgroup/types.h"
#include "linux/hooks/plan.h"
#include "linux/ids/plan.h"
#include "linux/network/plan.h"
#include "linux/resctrl/plan.h"
#include "linux/seccomp/plan.h"
#include "runtime/facts.h"
#include "runtime/runtime.h"

namespace brig::runtime {

struct CreatePlan {
  InitPlan init;                       // what the new process does
  CgroupPlan cgroup;                   // what the parent does meanwhile
  std::optional<SystemdPlan> systemd;  // the unit of --cgroup-manager=systemd
  bool born_in_cgroup = true;          // false: systemd has to move init there
  IdPlan ids;
  NetworkPlan network;  // devices that the parent moves
  std::optional<ResctrlPlan> resctrl;
  HookPlan hooks;
  std::optional<std::int32_t> oom_score_adj;
  std::optional<SeccompProfile> seccomp;  // compiled, or taken from the cache, by the parent
  std::optional<SeccompListener> agent;   // when the profile notifies
  bool notify = false;  // the container can say that it is ready (runtime/notify.h)
  std::vector<std::string> warnings;
};

// Where systemd will put the container, and whether we may have it born there: a user's systemd
// has privileges that the user has not.
struct UnitChoice {
  SystemdUnit unit;
  bool may_be_born_there = true;
};

struct CreateInput {
  const spec::Spec& spec;
  const Bundle& bundle;
  const HostFacts& facts;
  const CreateOptions& options;
  NamespaceRequest namespaces;
  std::optional<UnitChoice> unit;
  std::string notify_dir;  // of the host; used with CreateOptions::notify_socket
};

// What to ask the host's cgroups for, before the facts are there.
CgroupRequest cgroup_request(const CreateOptions& options, CgroupManager manager);

// The first fault is the error.
Result<CreatePlan> plan_create(const CreateInput& input, const CgroupRequest& cgroup);

// Every mechanism is planned even where another cannot be; each reports its first fault. With
// faults the plan is not complete.
struct PlanOutcome {
  CreatePlan plan;
  std::vector<Error> faults;
};
PlanOutcome try_plan_create(const CreateInput& input, const CgroupRequest& cgroup);

}  // namespace brig::runtime
