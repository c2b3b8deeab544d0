// The systemd unit of a container that is being made (--cgroup-manager=systemd).
//
// systemd is asked for it as soon as the container's process has its number, and waited for when
// the cgroup has to be complete: in between both, and init, work at the same time.
#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "linux/cgroup/facts.h"
#include "linux/cgroup/paths.h"
#include "linux/cgroup/systemd/manager.h"
#include "runtime/create_plan.h"
#include "runtime/record.h"

namespace brig::runtime {

struct Launch;

struct PendingUnit {
  SystemdManager manager;
  bool requested = false, ready = false;
  bool silent = false;  // no answer came in time
};

struct ChosenUnit {
  UnitChoice choice;
  PendingUnit pending;
};
// Decides on the unit, connects to its systemd, and completes the request for the cgroups. Asks
// systemd for nothing yet.
Result<ChosenUnit> choose_unit(const Settings& settings, const std::string& cgroups_path,
                               const CgroupFacts& facts, CgroupRequest& request);

// Right after the clone: with that process the unit is requested and waited for, unless it will
// pass its place on (ForkInto) or asks for it itself (InitPlan::awaits_cgroup).
Result<> begin_unit(Launch& launch);

// Once; nothing with another cgroup manager.
Result<> request_unit(Launch& launch);
// Until the unit is there; then limits are written. Init that died meanwhile has the last word.
Result<> await_unit(Launch& launch);

// After a failure.
Result<> withdraw_unit(Launch& launch);

// Of a container without a readable state: what `create` would have decided, if there is such a
// unit or the settings say that systemd manages the cgroups.
std::optional<SystemdUnit> derive_unit(const Settings& settings, std::string_view cgroups_path,
                                       const CgroupFacts& facts, const CgroupRequest& request);

// Of a container that is gone, with its cgroups.
Result<> remove_unit(const Record& record);

}  // namespace brig::runtime
