#include "linux/scheduling/plan.h"

#include <gtest/gtest.h>
#include <linux/ioprio.h>
#include <linux/sched.h>

#include "spec/types.h"

namespace brig {
namespace {

spec::Process with_scheduler(spec::Scheduler scheduler) {
  spec::Process process;
  process.scheduler = std::move(scheduler);
  return process;
}

SchedulingPlan planned(const spec::Process& process) {
  const Result<SchedulingPlan> plan = plan_scheduling(process);
  EXPECT_TRUE(plan);
  return plan ? *plan : SchedulingPlan{};
}

TEST(PlanScheduling, NothingAskedForIsNothingDone) {
  EXPECT_EQ(planned({}), SchedulingPlan{});
}

TEST(PlanScheduling, PoliciesHaveTheKernelsNumbers) {
  const std::pair<const char*, unsigned> policies[] = {
      {"SCHED_OTHER", SCHED_NORMAL}, {"SCHED_FIFO", SCHED_FIFO},
      {"SCHED_RR", SCHED_RR},        {"SCHED_BATCH", SCHED_BATCH},
      {"SCHED_IDLE", SCHED_IDLE},    {"SCHED_DEADLINE", SCHED_DEADLINE}};
  for (const auto& [name, number] : policies)
    EXPECT_EQ(planned(with_scheduler({.policy = name})).scheduler->policy, number) << name;
}

TEST(PlanScheduling, FlagsHaveTheKernelsBits) {
  const SchedulingPlan plan = planned(with_scheduler(
      {.policy = "SCHED_DEADLINE",
       .flags = {"SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM", "SCHED_FLAG_UTIL_CLAMP_MAX"},
       .runtime = 1,
       .deadline = 2,
       .period = 3}));
  EXPECT_EQ(plan.scheduler->flags,
            static_cast<unsigned>(SCHED_FLAG_RESET_ON_FORK | SCHED_FLAG_RECLAIM |
                                  SCHED_FLAG_UTIL_CLAMP_MAX));
  EXPECT_EQ(plan.scheduler->period_ns, 3U);
}

TEST(PlanScheduling, SomePoliciesDoNotOutliveAFork) {
  EXPECT_FALSE(ends_with_fork({}));
  EXPECT_FALSE(ends_with_fork(planned(with_scheduler({.policy = "SCHED_BATCH", .nice = 5}))));
  EXPECT_TRUE(ends_with_fork(planned(with_scheduler({.policy = "SCHED_DEADLINE"}))));
  EXPECT_TRUE(ends_with_fork(
      planned(with_scheduler({.policy = "SCHED_OTHER", .flags = {"SCHED_FLAG_RESET_ON_FORK"}}))));
}

TEST(PlanScheduling, IoPrioritiesAreClassAndNumber) {
  spec::Process process;
  process.io_priority = spec::IoPriority{.io_class = "IOPRIO_CLASS_BE", .priority = 5};
  EXPECT_EQ(planned(process).io_priority,
            static_cast<unsigned>(IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 5)));
  process.io_priority->priority = 8;
  EXPECT_EQ(plan_scheduling(process).error().message(),
            "process.ioPriority.priority: 8 is not from 0 to 7");
}

TEST(PlanExecAffinity, ListsBecomeMasks) {
  spec::Process process;
  EXPECT_EQ(*plan_exec_affinity(process), AffinityPlan{});
  process.exec_cpu_affinity = spec::ExecCpuAffinity{.initial = "0", .final = "1-2"};
  EXPECT_EQ(*plan_exec_affinity(process), (AffinityPlan{.initial = {0x01}, .final = {0x06}}));
  process.exec_cpu_affinity->final = "2-1";
  EXPECT_EQ(plan_exec_affinity(process).error().message(),
            "process.execCPUAffinity.final: '2-1' is not a list such as 0-3,7");
}

}  // namespace
}  // namespace brig
