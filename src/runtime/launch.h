// A container on its way from a plan to a waiting process. launch() leaves it right before the
// start: everything of the container exists, and everything would go away again with this object.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "container/store.h"
#include "linux/cgroup/apply.h"
#include "runtime/create_plan.h"
#include "runtime/hook_output.h"
#include "runtime/record.h"
#include "runtime/runtime.h"
#include "runtime/spawn.h"
#include "runtime/undo.h"
#include "runtime/unit.h"

namespace brig::runtime {

// Who releases the container: `start`, through the fifos, or the caller that runs it at once.
enum class Released : std::uint8_t { ByStart, ByCaller };

struct LaunchMode {
  Released released = Released::ByStart;
  bool attended = false;  // brig stays: it can relay the terminal itself
};

struct Launch {
  Settings settings;
  CreateOptions options;
  Caller caller;
  Bundle bundle;
  std::vector<Fd> joins;  // for NamespacePlan::joins
  CreatePlan plan;
  Record record;
  bool cgroup_follows_ours = false;  // by a relative path, or as a part of what is delegated to us
  Store store;
  ContainerDir container;
  CgroupHandles cgroup;
  Fd resctrl;                             // if the plan has a group there
  std::vector<std::string> resctrl_made;  // directories of it
  std::optional<PendingUnit> unit;        // while systemd is at it
  HookOutput hook_output;
  Spawned process;  // the container's init
  Fd terminal;      // the pty master, when there is no console socket
  UndoStack undo;   // destroyed first
};

// Makes the container and serves init until it has nothing more to ask: it then waits for the
// start (ByStart) or for a Go (ByCaller), with every limit in place.
Result<std::unique_ptr<Launch>> launch(const Settings& settings, const CreateOptions& options,
                                       LaunchMode mode);

// What is set from outside and belongs to the process itself: limits that it may not raise, its
// oom_score_adj and its group of resctrl. Of the one that stays: what forks before inherits nothing
// of it.
Result<> limit_process(const Launch& launch);

// Once the cgroup is there: limits, and whose it is.
Result<> fill_cgroup(const Launch& launch);

// Takes everything back after a failure, also what hooks did, and adds to the error what could
// not be taken back.
void abandon(Launch& launch, Error& error);

}  // namespace brig::runtime
