// From a container's record, its saved configuration and a process to everything that `exec` will
// do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "init/plan.h"
#include "linux/lsm/facts.h"
#include "linux/seccomp/plan.h"
#include "runtime/caller.h"
#include "runtime/record.h"
#include "runtime/spawn.h"
#include "spec/types.h"

namespace brig::runtime {

struct EntryPlan {
  InitPlan init;
  Form form = Form::Copy;
  std::optional<SeccompProfile> seccomp;  // compiled, or taken from the cache, by the parent
  std::optional<SeccompListener> agent;   // when the profile notifies
  std::optional<std::int32_t> oom_score_adj;
  AffinityPlan affinity;
  // The container's mount namespace is others' as well: it has its root by chroot alone.
  bool shares_mounts = false;
};

struct EntryInput {
  const spec::Spec& spec;        // as it was at create
  const spec::Process& process;  // to run
  const Record& record;
  Caller caller;
  LsmFacts lsm;  // if the process asks for a label
  std::uint32_t preserved_fds = 0;
  bool single_threaded = true;  // brig, which may be a library
};

Result<EntryPlan> plan_entry(const EntryInput& input);

}  // namespace brig::runtime
