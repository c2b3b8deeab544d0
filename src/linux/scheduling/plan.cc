#include "linux/scheduling/plan.h"

#include <string>
#include <string_view>

#include "linux/cpu_list.h"
#include "spec/types.h"

namespace brig {

namespace {

// <linux/sched.h>, <linux/ioprio.h>; the lists are in the kernel's order.
constexpr std::string_view kPolicies[] = {"SCHED_OTHER",   "SCHED_FIFO", "SCHED_RR",
                                          "SCHED_BATCH",   "SCHED_ISO",  "SCHED_IDLE",
                                          "SCHED_DEADLINE"};
constexpr std::string_view kFlags[] = {"SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM",
                                       "SCHED_FLAG_DL_OVERRUN",    "SCHED_FLAG_KEEP_POLICY",
                                       "SCHED_FLAG_KEEP_PARAMS",   "SCHED_FLAG_UTIL_CLAMP_MIN",
                                       "SCHED_FLAG_UTIL_CLAMP_MAX"};
constexpr std::string_view kIoClasses[] = {"IOPRIO_CLASS_NONE", "IOPRIO_CLASS_RT",
                                           "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"};
constexpr std::uint32_t kDeadline = 6, kIoClassShift = 13;
constexpr std::int32_t kLowestIoPriority = 7;
constexpr std::uint64_t kResetOnFork = 0x1;

template <std::size_t N>
std::optional<std::uint32_t> place_in(const std::string_view (&names)[N], std::string_view name) {
  for (std::uint32_t i = 0; i < N; ++i)
    if (names[i] == name) return i;
  return std::nullopt;
}

Result<SchedulerPlan> plan_scheduler(const spec::Scheduler& scheduler) {
  const auto policy = place_in(kPolicies, scheduler.policy);
  if (!policy)
    return fail(Errc::BadConfig, cat("process.scheduler.policy: unknown '", scheduler.policy, "'"));
  SchedulerPlan plan{.policy = *policy,
                     .nice = scheduler.nice,
                     .priority = static_cast<std::uint32_t>(scheduler.priority),
                     .runtime_ns = scheduler.runtime,
                     .deadline_ns = scheduler.deadline,
                     .period_ns = scheduler.period};
  for (const std::string& name : scheduler.flags) {
    const auto flag = place_in(kFlags, name);
    if (!flag) return fail(Errc::BadConfig, cat("process.scheduler.flags: unknown '", name, "'"));
    plan.flags |= std::uint64_t{1} << *flag;
  }
  return plan;
}

Result<std::uint32_t> plan_io_priority(const spec::IoPriority& wanted) {
  const auto io_class = place_in(kIoClasses, wanted.io_class);
  if (!io_class)
    return fail(Errc::BadConfig, cat("process.ioPriority.class: unknown '", wanted.io_class, "'"));
  if (wanted.priority < 0 || wanted.priority > kLowestIoPriority)
    return fail(Errc::BadConfig,
                cat("process.ioPriority.priority: ", wanted.priority, " is not from 0 to 7"));
  return *io_class << kIoClassShift | static_cast<std::uint32_t>(wanted.priority);
}

Result<CpuMask> plan_mask(const std::string& list, std::string_view member) {
  if (list.empty()) return CpuMask{};
  std::optional<CpuMask> mask = mask_of_list(list);
  if (!mask)
    return fail(Errc::BadConfig, cat("process.execCPUAffinity.", member, ": '", list,
                                     "' is not a list such as 0-3,7"));
  return std::move(*mask);
}

}  // namespace

Result<SchedulingPlan> plan_scheduling(const spec::Process& process) {
  SchedulingPlan plan;
  if (process.scheduler) plan.scheduler = TRY(plan_scheduler(*process.scheduler));
  if (process.io_priority) plan.io_priority = TRY(plan_io_priority(*process.io_priority));
  return plan;
}

bool ends_with_fork(const SchedulingPlan& plan) {
  if (!plan.scheduler) return false;
  return plan.scheduler->policy == kDeadline || (plan.scheduler->flags & kResetOnFork) != 0;
}

Result<AffinityPlan> plan_exec_affinity(const spec::Process& process) {
  AffinityPlan plan;
  if (!process.exec_cpu_affinity) return plan;
  plan.initial = TRY(plan_mask(process.exec_cpu_affinity->initial, "initial"));
  plan.final = TRY(plan_mask(process.exec_cpu_affinity->final, "final"));
  return plan;
}

}  // namespace brig
