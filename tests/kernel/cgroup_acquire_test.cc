// Cgroups come into being: every process is born in all of them, or nothing is made.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "cgroup_fixture.h"
#include "linux/cgroup/parse.h"

namespace brig::kernel_test {
namespace {

TEST_F(Cgroup, AProcessIsBornInEveryCgroupAndDiesWithThem) {
  const CgroupPlan plan = plan_for(spec_named("born"));
  const CgroupHandles handles = acquire(plan);
  EXPECT_EQ(handles.paths, plan.paths);
  const pid_t pid = sleeper_in(plan, handles);
  const Result<> applied = apply_cgroup_limits(plan, handles);
  EXPECT_TRUE(applied) << applied.error().message();
  EXPECT_EQ(*cgroup_processes(plan.paths), std::vector<pid_t>{pid});
  const Result<> removed = remove_cgroup(plan.paths, in_seconds(10));
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_EQ(exit_code(pid), 128 + SIGKILL);
  EXPECT_TRUE(nothing_left(plan.paths));
}

// v2 hands controllers down from above; all that there are, as engines look for their files.
TEST_F(Cgroup, ControllersAreEnabledOnTheWayDown) {
  if (!facts().v1.empty() || facts().v2[0].controllers.empty()) GTEST_SKIP() << "no v2 controllers";
  const CgroupPlan plan = plan_for(spec_named("a/b/leaf"));
  const CgroupHandles handles = acquire(plan);
  const std::vector<std::string> enabled =
      words_of(text_of(directory_of(plan.paths.v2[0]) + "/cgroup.controllers"));
  EXPECT_EQ(enabled, facts().v2[0].controllers);
  ASSERT_TRUE(remove_cgroup(plan.paths, in_seconds(5)));
  ::rmdir((plan.paths.v2[0].mount + top() + "/a/b").c_str());
  ::rmdir((plan.paths.v2[0].mount + top() + "/a").c_str());
}

TEST_F(Cgroup, AControllerThatCannotBeEnabledIsNamedWithTheReason) {
  if (!facts().v1.empty() || !has("memory")) GTEST_SKIP() << "no v2 memory controller";
  const CgroupPlan parent = plan_for(spec_named("parent"));
  const CgroupHandles handles = acquire(parent);
  const pid_t pid = spawn_in(handles, sleep_for_ever);  // "no internal processes"
  spec::Spec spec = spec_named("parent/leaf");
  spec.linux_->resources.memory.emplace();
  spec.linux_->resources.memory->limit = 16 << 20;
  const Result<CgroupPlan> plan = plan_cgroup(spec, facts(), {.id = "test"});
  ASSERT_TRUE(plan);
  const Result<CgroupHandles> refused = acquire_cgroup(*plan);
  ASSERT_FALSE(refused);
  const std::string directory = parent.paths.v2[0].mount + top() + "/parent";
  EXPECT_EQ(refused.error().message(),
            cat("linux.resources.memory.limit: memory.max: the memory controller is not enabled "
                "for ",
                directory, "/leaf: ", directory, " has processes of its own"));
  EXPECT_FALSE(is_there(directory + "/leaf"));

  // Without limits a container can live there nevertheless.
  const CgroupPlan bare = plan_for(spec_named("parent/bare"));
  const CgroupHandles bare_handles = acquire(bare);
  EXPECT_EQ(exit_code(spawn_in(bare_handles, [] { return 7; })), 7);
  ASSERT_TRUE(remove_cgroup(bare.paths, in_seconds(5)));
  ASSERT_TRUE(kill_cgroup(parent.paths, SIGKILL));
  EXPECT_EQ(exit_code(pid), 128 + SIGKILL);
}

TEST_F(Cgroup, AnOccupiedCgroupIsRefusedAndLeftAlone) {
  const CgroupPlan plan = plan_for(spec_named("occupied"));
  const CgroupHandles handles = acquire(plan);
  const pid_t pid = sleeper_in(plan, handles);

  const Result<CgroupHandles> second = acquire_cgroup(plan);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Errc::Exists);
  EXPECT_TRUE(second.error().message().starts_with(
      "container's cgroup is not empty: 1 process(es) found in /sys/fs/cgroup"))
      << second.error().message();
  EXPECT_FALSE(refuse_occupied_cgroup(plan.paths));
  EXPECT_EQ(::kill(pid, 0), 0);
  EXPECT_FALSE(nothing_left(plan.paths));
  ASSERT_TRUE(kill_cgroup(plan.paths, SIGKILL));
  EXPECT_EQ(exit_code(pid), 128 + SIGKILL);
  EXPECT_TRUE(refuse_occupied_cgroup(plan.paths));
  EXPECT_TRUE(acquire_cgroup(plan));
}

TEST_F(Cgroup, AFailureHalfWayLeavesNothing) {
  CgroupPlan plan = plan_for(spec_named("half"));
  // The last of them cannot be made.
  CgroupDir& last = plan.paths.v2.empty() ? plan.paths.v1.back() : plan.paths.v2[0];
  last.path += "\n";
  const Result<CgroupHandles> handles = acquire_cgroup(plan);
  ASSERT_FALSE(handles);
  EXPECT_EQ(handles.error().sys_errno(), EINVAL);
  EXPECT_TRUE(nothing_left(plan.paths));
  for (const CgroupDir& dir : plan.paths.v1) EXPECT_FALSE(is_there(dir.mount + top()));
}

TEST_F(Cgroup, CreatorsBesideEachOtherDoNotDisturb) {
  constexpr int kCreators = 6, kRounds = 20;
  std::vector<pid_t> creators;
  std::vector<CgroupPlan> plans;
  for (int i = 0; i < kCreators; ++i) plans.push_back(plan_for(spec_named(cat("shared/c", i))));
  for (const CgroupPlan& plan : plans) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      for (int round = 0; round < kRounds; ++round) {
        if (!acquire_cgroup(plan)) ::_exit(1);
        if (!remove_cgroup(plan.paths, in_seconds(10))) ::_exit(2);
        for (const CgroupDir& dir : all_of(plan.paths))
          ::rmdir((dir.mount + top() + "/shared").c_str());
      }
      ::_exit(0);
    }
    creators.push_back(pid);
  }
  for (const pid_t pid : creators) EXPECT_EQ(exit_code(pid), 0);
  for (const CgroupDir& dir : all_of(plans[0].paths))
    ::rmdir((dir.mount + top() + "/shared").c_str());
}

TEST_F(Cgroup, WhatIsNotThereIsFine) {
  const CgroupPlan plan = plan_for(spec_named("absent/entirely"));
  EXPECT_TRUE(remove_cgroup(plan.paths, in_seconds(1)));
  EXPECT_TRUE(kill_cgroup(plan.paths, SIGKILL));
  EXPECT_TRUE(cgroup_processes(plan.paths)->empty());
  EXPECT_FALSE(*is_frozen(plan.paths));
  EXPECT_TRUE(refuse_occupied_cgroup(plan.paths));
  EXPECT_TRUE(remove_cgroup({}, in_seconds(1)));
}

}  // namespace
}  // namespace brig::kernel_test
