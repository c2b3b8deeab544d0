// Cgroups end: frozen, deep, crowded or forking ones too, and nothing but cgroups.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup_fixture.h"

namespace brig::kernel_test {
namespace {

TEST_F(Cgroup, FrozenProcessesStandStillUntilThawed) {
  const CgroupPlan plan = plan_for(spec_named("frozen"));
  const CgroupHandles handles = acquire(plan);
  // A handler: without one the kernel makes SIGTERM a SIGKILL, which ends also frozen processes.
  struct sigaction before{};
  struct sigaction with_handler{};
  with_handler.sa_handler = [](int) { ::_exit(42); };
  ASSERT_EQ(::sigaction(SIGTERM, &with_handler, &before), 0);
  const pid_t pid = sleeper_in(plan, handles);
  ASSERT_EQ(::sigaction(SIGTERM, &before, nullptr), 0);
  EXPECT_FALSE(*is_frozen(plan.paths));
  const Result<> frozen = freeze_cgroup(plan.paths, CgroupFreeze::Freeze, in_seconds(5));
  ASSERT_TRUE(frozen) << frozen.error().message();
  EXPECT_TRUE(*is_frozen(plan.paths));
  EXPECT_FALSE(acquire_cgroup(plan));

  ASSERT_TRUE(kill_cgroup(plan.paths, SIGTERM));
  EXPECT_TRUE(*is_frozen(plan.paths));
  EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG), 0);
  ASSERT_TRUE(freeze_cgroup(plan.paths, CgroupFreeze::Thaw, in_seconds(5)));
  EXPECT_EQ(exit_code(pid), 42);
  EXPECT_FALSE(*is_frozen(plan.paths));
}

// Frozen by the v1 freezer, processes do not even die of SIGKILL.
TEST_F(Cgroup, FrozenProcessesAreKilledAndRemoved) {
  const CgroupPlan plan = plan_for(spec_named("icebound"));
  for (const bool by_v1 : {false, true}) {
    const CgroupHandles handles = acquire(plan);
    const pid_t pid = sleeper_in(plan, handles);
    CgroupPaths frozen = plan.paths;
    if (by_v1 && !frozen.v1.empty()) frozen.v2.clear();
    ASSERT_TRUE(freeze_cgroup(frozen, CgroupFreeze::Freeze, in_seconds(5)));
    const Result<> removed = remove_cgroup(plan.paths, in_seconds(10));
    EXPECT_TRUE(removed) << removed.error().message();
    EXPECT_EQ(exit_code(pid), 128 + SIGKILL);
    EXPECT_TRUE(nothing_left(plan.paths));
  }
}

TEST_F(Cgroup, EveryProcessBelowGetsTheSignal) {
  const CgroupPlan plan = plan_for(spec_named("family"));
  const CgroupHandles handles = acquire(plan);
  const pid_t pid = spawn_in(handles, [] {
    for (int i = 0; i < 20; ++i)
      if (::fork() == 0) return sleep_for_ever();
    return sleep_for_ever();
  });
  EXPECT_TRUE(comes_true([&] { return cgroup_processes(plan.paths)->size() == 21; }));
  ASSERT_TRUE(kill_cgroup(plan.paths, SIGUSR1));
  EXPECT_EQ(exit_code(pid), 128 + SIGUSR1);
  EXPECT_TRUE(comes_true([&] { return cgroup_processes(plan.paths)->empty(); }));
}

// Deeper than a path may be long, with a process at the bottom.
TEST_F(Cgroup, ATreeOfManyLevelsIsRemoved) {
  const CgroupPlan plan = plan_for(spec_named("deep"));
  const CgroupHandles handles = acquire(plan);
  const std::string top = directory_of(all_of(plan.paths).back());
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const pid_t pid = spawn_in(handles, [&] {
    if (::chdir(top.c_str()) != 0) return 1;
    for (int depth = 0; depth < 600; ++depth)
      if (::mkdir("sub-cgroup", 0755) != 0 || ::chdir("sub-cgroup") != 0) return 2;
    const int procs = ::open("cgroup.procs", O_WRONLY);
    if (procs < 0 || ::write(procs, "0", 1) != 1) return 3;
    if (::write(ends[1], "!", 1) != 1) return 4;
    return sleep_for_ever();
  });
  ::close(ends[1]);
  char there = 0;
  EXPECT_EQ(::read(ends[0], &there, 1), 1);
  ::close(ends[0]);
  EXPECT_EQ(*cgroup_processes(plan.paths), std::vector<pid_t>{pid});
  const Result<> removed = remove_cgroup(plan.paths, in_seconds(20));
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_EQ(exit_code(pid), 128 + SIGKILL);
  EXPECT_TRUE(nothing_left(plan.paths));
}

TEST_F(Cgroup, AForkBombIsRemoved) {
  spec::Spec spec = spec_named("bomb");
  if (has("pids")) spec.linux_->resources.pids_limit = 200;
  const CgroupPlan plan = plan_for(spec);
  const CgroupHandles handles = acquire(plan);
  ASSERT_TRUE(apply_cgroup_limits(plan, handles));
  rlimit processes{.rlim_cur = 2000, .rlim_max = 2000};
  const pid_t pid = spawn_in(handles, [&] {
    // Where no controller bounds it, each ends by itself after a second.
    ::setrlimit(RLIMIT_NPROC, &processes);
    for (int i = 0; i < 200; ++i) {
      ::alarm(20);
      ::fork();
      sys::sleep_ms(5);
    }
    return sleep_for_ever();
  });
  sys::sleep_ms(100);
  const Result<> removed = remove_cgroup(plan.paths, in_seconds(20));
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_EQ(exit_code(pid), 128 + SIGKILL);
  EXPECT_TRUE(nothing_left(plan.paths));
}

// On a hybrid host the trees are independent: a process may be in our v1 cgroup alone.
TEST_F(Cgroup, AProcessThatLeftTheV2CgroupIsKilledInItsV1Ones) {
  const CgroupPlan plan = plan_for(spec_named("strayed"));
  if (plan.paths.v1.empty() || plan.paths.v2.empty()) GTEST_SKIP() << "not a hybrid host";
  const CgroupHandles handles = acquire(plan);
  const pid_t pid = spawn_in(handles, [&] {
    const int procs = ::open((plan.paths.v2[0].mount + "/cgroup.procs").c_str(), O_WRONLY);
    if (::write(procs, "0", 1) != 1) return 1;
    return sleep_for_ever();
  });
  const std::string procs = directory_of(plan.paths.v2[0]) + "/cgroup.procs";
  EXPECT_TRUE(comes_true([&] { return text_of(procs).empty(); }));
  const Result<> removed = remove_cgroup(plan.paths, in_seconds(10));
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_EQ(exit_code(pid), 128 + SIGKILL);
}
TEST_F(Cgroup, OnlyCgroupsAreRemoved) {
  char directory[] = "/tmp/brig-test-XXXXXX";
  ASSERT_NE(::mkdtemp(directory), nullptr);
  const std::string inside = cat(directory, "/inside");
  ASSERT_EQ(::mkdir(inside.c_str(), 0755), 0);
  const auto removed = [](const std::string& mount, const std::string& path) {
    return remove_cgroup({CgroupMode::V2, {}, {{mount, path, ""}}}, in_seconds(1));
  };
  EXPECT_EQ(removed(directory, "/inside").error().code(), Errc::Denied);
  EXPECT_EQ(removed("/sys/fs/cgroup", "/../../../tmp").error().code(), Errc::Denied);
  EXPECT_TRUE(is_there(inside));
  ::rmdir(inside.c_str());
  ::rmdir(directory);
}

TEST_F(Cgroup, TheDeadlineIsKeptAndTheReasonNamed) {
  const CgroupPlan plan = plan_for(spec_named("late"));
  const CgroupHandles handles = acquire(plan);
  const pid_t pid = spawn_in(handles, [] {
    for (int i = 0; i < 50; ++i)
      if (::fork() == 0) return sleep_for_ever();
    return sleep_for_ever();
  });
  EXPECT_TRUE(comes_true([&] { return cgroup_processes(plan.paths)->size() == 51; }));
  // So many do not all die between the signal and the first look, which is the last here.
  const Result<> removed = remove_cgroup(plan.paths, sys::monotonic_ms() - 1);
  if (removed) GTEST_SKIP() << "they died too fast";
  const std::string message = removed.error().message();
  EXPECT_TRUE(message.starts_with("remove cgroup /sys/fs/cgroup")) << message;
  EXPECT_EQ(exit_code(pid), 128 + SIGKILL);
}
}  // namespace
}  // namespace brig::kernel_test
