#include "linux/cgroup/plan.h"

#include <gtest/gtest.h>

#include "base/wire.h"
#include "spec/types.h"

namespace brig {
namespace {

const CgroupRequest kRoot{.id = "web"};
const CgroupRequest kUser{.id = "web", .root = false};
const CgroupRequest kDisabled{.id = "web", .disabled = true};

CgroupFacts v2(const std::vector<std::string>& controllers, const std::string& delegated = {}) {
  return {.mode = CgroupMode::V2, .v1 = {}, .v2 = {{"/cg", controllers, "/own", delegated}}};
}
CgroupFacts hybrid() {
  return {.mode = CgroupMode::Hybrid,
          .v1 = {{"/cg/cpu", {"cpu"}, "/"},
                 {"/cg/memory", {"memory"}, "/own"},
                 {"/cg/devices", {"devices"}, "/"},
                 {"/cg/pids", {"pids"}, "/"},
                 {"/cg/blkio", {"blkio"}, "/"}},
          .v2 = {{"/cg/unified", {}, "/", ""}}};
}

spec::Spec with_limit(const std::string& path = {}) {
  spec::Spec spec;
  spec.linux_.emplace();
  spec.linux_->cgroups_path = path;
  spec.linux_->resources.memory.emplace();
  spec.linux_->resources.memory->limit = 1000;
  return spec;
}

// What Docker 20.10 sends for `run --memory 64m --cpus 0.5 --pids-limit 100`.
spec::Spec from_docker() {
  spec::Spec spec;
  spec.linux_.emplace();
  spec.linux_->cgroups_path = "/docker/web";
  spec::Resources& resources = spec.linux_->resources;
  resources.devices = {
      {false, "", {}, {}, "rwm"}, {true, "c", 5, 1, "rwm"}, {false, "c", 10, 229, "rwm"}};
  resources.memory.emplace();
  resources.memory->limit = 67108864;
  resources.memory->swap = 134217728;
  resources.memory->disable_oom_killer = false;
  resources.cpu.emplace();
  resources.cpu->shares = 0;
  resources.cpu->quota = 50000;
  resources.cpu->period = 100000;
  resources.pids_limit = 100;
  resources.block_io.emplace();
  resources.block_io->weight = 0;
  return spec;
}

std::vector<std::string> limits_of(const CgroupPlan& plan) {
  std::vector<std::string> lines;
  for (const CgroupWrite& write : plan.writes)
    if (!write.file.starts_with("devices.")) lines.push_back(describe(plan, write));
  return lines;
}

TEST(PlanCgroup, DockersConfigurationOnAHybridHost) {
  const Result<CgroupPlan> plan = plan_cgroup(from_docker(), hybrid(), kRoot);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(limits_of(*plan),
            (std::vector<std::string>{
                "memory: memory.limit_in_bytes = 67108864 (linux.resources.memory.limit)",
                "memory: memory.memsw.limit_in_bytes = 134217728 (linux.resources.memory.swap)",
                "cpu: cpu.cfs_period_us = 100000 (linux.resources.cpu.period)",
                "cpu: cpu.cfs_quota_us = 50000 (linux.resources.cpu.quota)",
                "pids: pids.max = 100 (linux.resources.pids.limit)"}));
  EXPECT_TRUE(plan->device_program.empty());
  EXPECT_EQ(plan->writes.back().file, "devices.allow");
  EXPECT_EQ(directory_of(plan->paths.v1[1]), "/cg/memory/docker/web");
  EXPECT_EQ(directory_of(plan->paths.v2[0]), "/cg/unified/docker/web");
}

TEST(PlanCgroup, DockersConfigurationOnV2) {
  const Result<CgroupPlan> plan =
      plan_cgroup(from_docker(), v2({"cpu", "io", "memory", "pids"}), kRoot);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(limits_of(*plan), (std::vector<std::string>{
                                  "v2: memory.max = 67108864 (linux.resources.memory.limit)",
                                  "v2: memory.swap.max = 67108864 (linux.resources.memory.swap)",
                                  "v2: cpu.max = 50000 100000 (linux.resources.cpu.quota)",
                                  "v2: pids.max = 100 (linux.resources.pids.limit)"}));
  EXPECT_FALSE(plan->device_program.empty());
  EXPECT_TRUE(plan->wants_all_controllers);
}

TEST(PlanCgroup, WithoutALinuxSectionThereIsACgroupAndTheDefaultDevices) {
  const Result<CgroupPlan> plan = plan_cgroup(spec::Spec{}, v2({}), kRoot);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(directory_of(plan->paths.v2[0]), "/cg/brig/web");
  EXPECT_EQ(plan->device_rules.size(), 11u);
  EXPECT_TRUE(plan->writes.empty());
  EXPECT_FALSE(plan->wants_all_controllers);
}

TEST(PlanCgroup, NoMoreIsProbedThanNeeded) {
  EXPECT_EQ(plan_cgroup_needs(spec::Spec{}, kRoot), CgroupNeeds{});
  EXPECT_EQ(plan_cgroup_needs(with_limit(), kRoot), (CgroupNeeds{false, true}));
  EXPECT_EQ(plan_cgroup_needs(with_limit("rel"), kRoot), (CgroupNeeds{true, true}));
  EXPECT_EQ(plan_cgroup_needs(spec::Spec{}, kUser), (CgroupNeeds{true, false}));
  EXPECT_EQ(plan_cgroup_needs(with_limit("/x"), kDisabled), CgroupNeeds{});
}

TEST(PlanCgroup, ALimitWithoutACgroupIsAnErrorWithTheReason) {
  const auto error = [](const CgroupFacts& facts, const CgroupRequest& request) {
    const Result<CgroupPlan> plan = plan_cgroup(with_limit(), facts, request);
    return plan ? "" : plan.error().message();
  };
  EXPECT_EQ(error(v2({"memory"}), kDisabled),
            "linux.resources.memory.limit: memory.limit_in_bytes: cgroups are disabled "
            "(--cgroup-manager=disabled)");
  EXPECT_EQ(error({}, kRoot),
            "linux.resources.memory.limit: memory.limit_in_bytes: no cgroup filesystem is mounted "
            "on this host");
  EXPECT_EQ(error(v2({"memory"}), kUser),
            "linux.resources.memory.limit: memory.limit_in_bytes: no cgroup has been delegated to "
            "this user");
  EXPECT_EQ(error(v2({"memory"}, "/u"), kUser), "");
}

TEST(PlanCgroup, WithoutPrivilegeDevicesAreNotedAndNotEnforced) {
  const Result<CgroupPlan> plan = plan_cgroup(spec::Spec{}, v2({}, "/u"), kUser);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->optional);
  EXPECT_TRUE(plan->device_program.empty());
  EXPECT_EQ(plan->notes, (std::vector<std::string>{"linux.resources.devices: not enforced: that "
                                                   "takes privilege on the host"}));
}

TEST(PlanCgroup, PrivilegedDeviceRulesThatNothingEnforcesAreAnError) {
  const auto error = [](const CgroupFacts& facts) {
    const Result<CgroupPlan> plan = plan_cgroup(spec::Spec{}, facts, kRoot);
    return plan ? "" : plan.error().message();
  };
  EXPECT_EQ(error({}), "linux.resources.devices: no cgroup filesystem is mounted on this host");
  EXPECT_EQ(error({.mode = CgroupMode::V1, .v1 = {{"/cg/cpu", {"cpu"}, "/"}}, .v2 = {}}),
            "linux.resources.devices: this host has neither a cgroup v1 devices hierarchy nor "
            "cgroup v2");
}

TEST(PlanCgroup, AReadOnlyHierarchyIsNotedAndNamedByALimitThatNeedsIt) {
  CgroupFacts facts = hybrid();
  facts.v1[1].read_only = true;
  spec::Spec spec;
  const Result<CgroupPlan> plan = plan_cgroup(spec, facts, kRoot);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->notes,
            (std::vector<std::string>{"linux.cgroupsPath: the container has no cgroup in "
                                      "/cg/memory, which is mounted read-only"}));
  const Result<CgroupPlan> limited = plan_cgroup(with_limit(), facts, kRoot);
  ASSERT_FALSE(limited);
  EXPECT_TRUE(limited.error().message().ends_with("/cg/memory is mounted read-only"))
      << limited.error().message();
}

TEST(PlanCgroup, DisabledMeansNoCgroupAndANote) {
  const Result<CgroupPlan> plan = plan_cgroup(spec::Spec{}, v2({}), kDisabled);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->paths, CgroupPaths{});
  EXPECT_EQ(plan->notes.size(), 1u);
}

TEST(PlanCgroup, APlanCrossesTheWire) {
  const Result<CgroupPlan> plan = plan_cgroup(from_docker(), hybrid(), kRoot);
  ASSERT_TRUE(plan);
  const Result<CgroupPlan> copy = wire::decode<CgroupPlan>(wire::encode(*plan));
  ASSERT_TRUE(copy);
  EXPECT_EQ(*copy, *plan);
}

}  // namespace
}  // namespace brig
