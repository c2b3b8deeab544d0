// The way of a new process into its container.
#pragma once

#include "base/error.h"
#include "init/channel.h"
#include "init/plan.h"
#include "init/recorder.h"

namespace brig {

struct Init {
  const InitPlan& plan;
  InitChannel& parent;
  std::atomic<Stage>& stage;
  std::atomic<std::int32_t>& listener;
};

// Everything up to the wait for the start: afterwards the process is in its namespaces, its root,
// its cgroup and its credentials.
Result<> isolate(const Init& init);

}  // namespace brig
