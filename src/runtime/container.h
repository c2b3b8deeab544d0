// An existing container, as its state directory and the kernel describe it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "base/error.h"
#include "container/store.h"
#include "linux/hooks/plan.h"
#include "runtime/record.h"
#include "runtime/runtime.h"
#include "spec/types.h"
#include "sys/fd.h"

namespace brig::runtime {

// How long the kernel may take to let go of a cgroup whose processes have been killed.
constexpr std::int64_t kCgroupRemovalMs = 10'000;

struct Container {
  Store store;
  ContainerDir dir;
  Record record;

  // Takes the lock, so that nobody else starts or removes it meanwhile.
  static Result<Container> open_locked(const Settings& settings, const std::string& id);
  static Result<Container> open(const Settings& settings, const std::string& id);
};

// A pidfd of init, if that very process (by start time) still runs; nothing when it has ended,
// also as a zombie.
Result<Fd> open_init(const Record& record);

Result<Status> status_of(const Container& container);

// For what needs a process; in the words that engines look for.
std::unexpected<Error> not_running();
// That error unless there is one: created, running or paused.
Result<> check_has_process(const Container& container);

// The configuration as it was at create.
Result<spec::Spec> saved_spec(const ContainerDir& dir);
// The hooks of that.
Result<HookPlan> saved_hooks(const ContainerDir& dir);

// After the container is gone; a hook that fails is only logged.
void run_poststop(const Settings& settings, const Record& record, const HookPlan& hooks);

// Ends every process, removes cgroup and state, then runs the poststop hooks, whose failures are
// only logged (runtime.md, "Lifecycle").
Result<> destroy(const Settings& settings, const Container& container);
// With the hooks at hand, for who has made the container itself.
Result<> destroy(const Settings& settings, const Container& container, const HookPlan& hooks);

}  // namespace brig::runtime
