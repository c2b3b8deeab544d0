// What `create` will do on this host, decided: the facts are taken, the namespaces to join are
// opened, systemd has said where its unit will be. Nothing is made, so that `plan` and `check`
// stop here.
#pragma once

#include <optional>
#include <vector>

#include "base/error.h"
#include "runtime/caller.h"
#include "runtime/create_plan.h"
#include "runtime/runtime.h"
#include "runtime/unit.h"

namespace brig::runtime {

struct HostPlan {
  CreatePlan create;
  std::vector<Fd> joins;             // for NamespacePlan::joins
  std::optional<PendingUnit> unit;   // systemd, as far as it has been asked
  bool cgroup_follows_ours = false;  // by a relative path, or as a part of what is delegated to us
  std::vector<Error> faults;         // of all steps; with any the rest is not to be used
};

HostPlan plan_on_host(const Settings& settings, const CreateOptions& options, const Caller& caller,
                      const Bundle& bundle);

// "config.json:12:9: mounts[3].options: ...": the plan knows JSON paths, the file knows lines.
Error with_position(const Bundle& bundle, const CreateOptions& options, Error error);

}  // namespace brig::runtime
