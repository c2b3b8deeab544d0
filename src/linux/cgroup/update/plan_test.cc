#include "linux/cgroup/update/plan.h"

#include <gtest/gtest.h>

#include "spec/types.h"

namespace brig {
namespace {

const CgroupUpdateRequest kV1{
    .paths = {CgroupMode::V1, {{"/cg/memory", "/w", "memory"}, {"/cg/d", "/w", "devices"}}, {}},
    .v2_controllers = {}};
const CgroupUpdateRequest kV2{.paths = {CgroupMode::V2, {}, {{"/cg", "/w", ""}}},
                              .v2_controllers = {"memory", "pids"}};

spec::Resources with_memory(const spec::Memory& memory) {
  spec::Resources resources;
  resources.memory = memory;
  return resources;
}

TEST(PlanCgroupUpdate, WritesOnlyWhatIsAskedFor) {
  spec::Resources resources;
  resources.pids_limit = 7;
  const Result<CgroupUpdatePlan> plan = plan_cgroup_update(resources, kV2);
  ASSERT_TRUE(plan) << plan.error().message();
  ASSERT_EQ(plan->limits.writes.size(), 1U);
  EXPECT_EQ(plan->limits.writes[0].file, "pids.max");
  EXPECT_FALSE(plan->devices);
}

TEST(PlanCgroupUpdate, KernelMemoryIsNotedAndIgnoredWhereThereIsNone) {
  const Result<CgroupUpdatePlan> plan =
      plan_cgroup_update(with_memory({.kernel = 5, .kernel_tcp = 6}), kV2);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_TRUE(plan->limits.writes.empty());
  ASSERT_EQ(plan->limits.notes.size(), 2U);
  EXPECT_EQ(plan->limits.notes[0],
            "linux.resources.memory.kernel: ignored: only cgroup v1 has a limit for it");
}

TEST(PlanCgroupUpdate, KernelMemoryIsWrittenWhereItsFileIs) {
  const Result<CgroupUpdatePlan> plan =
      plan_cgroup_update(with_memory({.kernel = 5, .kernel_tcp = 6}), kV1);
  ASSERT_TRUE(plan) << plan.error().message();
  ASSERT_EQ(plan->limits.writes.size(), 2U);
  EXPECT_TRUE(plan->limits.writes[0].may_be_absent);
  ASSERT_EQ(plan->limits.notes.size(), 1U);
}

TEST(PlanCgroupUpdate, DevicesAreReplacedOnRequestByWhoMay) {
  CgroupUpdateRequest request = kV2;
  request.replaces_devices = true;
  const Result<CgroupUpdatePlan> plan = plan_cgroup_update({}, request);
  ASSERT_TRUE(plan) << plan.error().message();
  ASSERT_TRUE(plan->devices);
  EXPECT_FALSE(plan->devices->program.empty());
  request.root = false;
  const Result<CgroupUpdatePlan> rootless = plan_cgroup_update({}, request);
  ASSERT_TRUE(rootless) << rootless.error().message();
  EXPECT_FALSE(rootless->devices);
  EXPECT_EQ(rootless->limits.notes[0],
            "linux.resources.devices: not enforced: that takes privilege on the host");
}

TEST(PlanCgroupUpdate, WithoutACgroupALimitIsRefused) {
  const CgroupUpdateRequest none;
  const Result<CgroupUpdatePlan> plan = plan_cgroup_update(with_memory({.limit = 5}), none);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().message(),
            "linux.resources.memory.limit: memory.limit_in_bytes: the container has no cgroup");
  EXPECT_TRUE(plan_cgroup_update({}, none));
}

}  // namespace
}  // namespace brig
