#include "linux/scheduling/apply.h"

#include "sys/scheduling.h"

namespace brig {

Result<> apply_scheduling(const SchedulingPlan& plan) {
  if (plan.scheduler) {
    const SchedulerPlan& wanted = *plan.scheduler;
    TRY_DOING(sys::set_scheduler({.policy = wanted.policy,
                                  .flags = wanted.flags,
                                  .nice = wanted.nice,
                                  .priority = wanted.priority,
                                  .runtime_ns = wanted.runtime_ns,
                                  .deadline_ns = wanted.deadline_ns,
                                  .period_ns = wanted.period_ns}),
              "process.scheduler");
  }
  if (plan.io_priority) TRY_DOING(sys::set_io_priority(*plan.io_priority), "process.ioPriority");
  return {};
}

Result<> apply_affinity(pid_t pid, const CpuMask& mask) {
  if (mask.empty()) return {};
  TRY_DOING(sys::set_affinity(pid, mask), "process.execCPUAffinity");
  return {};
}

}  // namespace brig
