// How the container's processes share the processors and disks with others: process.scheduler
// (sched(7)), process.ioPriority (ioprio_set(2)) and process.execCPUAffinity.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"

namespace brig {

namespace spec {
struct Process;
}

// struct sched_attr, but for its size.
struct SchedulerPlan {
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime_ns = 0, deadline_ns = 0, period_ns = 0;
  bool operator==(const SchedulerPlan&) const = default;
};

struct SchedulingPlan {
  std::optional<SchedulerPlan> scheduler;
  std::optional<std::uint32_t> io_priority;  // class and priority as ioprio_set(2) has them
  bool operator==(const SchedulingPlan&) const = default;
};

Result<SchedulingPlan> plan_scheduling(const spec::Process& process);

// Whether a fork takes the policy away again, or is not possible.
bool ends_with_fork(const SchedulingPlan& plan);

// Bit i of the bytes is processor i; empty: as it is.
using CpuMask = std::vector<std::uint8_t>;
struct AffinityPlan {
  CpuMask initial, final;  // of brig before, and of the process after it is in the cgroup
  bool operator==(const AffinityPlan&) const = default;
};
Result<AffinityPlan> plan_exec_affinity(const spec::Process& process);

}  // namespace brig
