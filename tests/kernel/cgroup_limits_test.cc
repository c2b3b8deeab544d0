// Limits hold: the kernel kills, refuses and pins as it was told.
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "cgroup_fixture.h"

namespace brig::kernel_test {
namespace {

TEST_F(Cgroup, LimitsAreWritten) {
  if (!has("memory") || !has("pids") || !has("cpu")) GTEST_SKIP() << "no controllers here";
  spec::Spec spec = spec_named("limits");
  spec::Resources& resources = spec.linux_->resources;
  resources.memory.emplace();
  resources.memory->limit = 64 << 20;
  resources.memory->swap = 64 << 20;
  resources.cpu.emplace();
  resources.cpu->shares = 512;
  resources.cpu->quota = 50000;
  resources.cpu->period = 100000;
  resources.cpu->burst = 10000;
  resources.pids_limit = 7;
  const CgroupPlan plan = plan_for(spec);
  const CgroupHandles handles = acquire(plan);
  const Result<> applied = apply_cgroup_limits(plan, handles);
  ASSERT_TRUE(applied) << applied.error().message();
  for (const CgroupWrite& write : plan.writes) {
    if (write.file.starts_with("devices.")) continue;
    const CgroupDir& dir = write.hierarchy == kCgroupV2
                               ? plan.paths.v2[0]
                               : plan.paths.v1[static_cast<std::size_t>(write.hierarchy)];
    EXPECT_EQ(text_of(cat(directory_of(dir), "/", write.file)), write.value);
  }
  // Once more with less, and with more: the order of memory and memory+swap turns round.
  for (const std::int64_t megabytes : {32, 128, 96}) {
    resources.memory->limit = resources.memory->swap = megabytes << 20;
    const Result<CgroupPlan> changed = plan_cgroup(spec, facts(), {.id = "test"});
    const Result<> again = apply_cgroup_limits(*changed, handles);
    EXPECT_TRUE(again) << megabytes << ": " << again.error().message();
  }
}

TEST_F(Cgroup, MemoryBeyondTheLimitKills) {
  if (!has("memory")) GTEST_SKIP() << "no memory controller here";
  spec::Spec spec = spec_named("hog");
  spec.linux_->resources.memory.emplace();
  spec.linux_->resources.memory->limit = spec.linux_->resources.memory->swap = 16 << 20;
  const CgroupPlan plan = plan_for(spec);
  const CgroupHandles handles = acquire(plan);
  ASSERT_TRUE(apply_cgroup_limits(plan, handles));
  const pid_t pid = spawn_in(handles, [] {
    constexpr std::size_t kSize = 64 << 20;
    void* memory =
        ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return 1;
    std::memset(memory, 1, kSize);
    return 0;
  });
  EXPECT_EQ(exit_code(pid), 128 + SIGKILL);
}

TEST_F(Cgroup, ForksBeyondThePidsLimitFail) {
  if (!has("pids")) GTEST_SKIP() << "no pids controller here";
  spec::Spec spec = spec_named("forks");
  spec.linux_->resources.pids_limit = 3;
  const CgroupPlan plan = plan_for(spec);
  const CgroupHandles handles = acquire(plan);
  ASSERT_TRUE(apply_cgroup_limits(plan, handles));
  const pid_t pid = spawn_in(handles, [] {
    int forks = 0;
    for (; forks < 10; ++forks) {
      const pid_t child = ::fork();
      if (child == 0) return sleep_for_ever();
      if (child < 0) break;
    }
    return forks;
  });
  EXPECT_EQ(exit_code(pid), 2);
}

TEST_F(Cgroup, ACpusetThatIsNamedIsUsed) {
  if (!has("cpuset")) GTEST_SKIP() << "no cpuset controller here";
  spec::Spec spec = spec_named("sets");
  spec.linux_->resources.cpu.emplace();
  spec.linux_->resources.cpu->cpus = "0";
  const CgroupPlan plan = plan_for(spec);
  const CgroupHandles handles = acquire(plan);
  ASSERT_TRUE(apply_cgroup_limits(plan, handles));
  const pid_t pid = spawn_in(handles, [] {
    cpu_set_t set;
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return 100;
    return CPU_COUNT(&set);
  });
  EXPECT_EQ(exit_code(pid), 1);
}

TEST_F(Cgroup, AValueThatTheKernelRefusesIsNamedWithFieldAndFile) {
  if (!has("cpuset")) GTEST_SKIP() << "no cpuset controller here";
  spec::Spec spec = spec_named("bad");
  spec.linux_->resources.cpu.emplace();
  spec.linux_->resources.cpu->cpus = "9999";
  const CgroupPlan plan = plan_for(spec);
  const CgroupHandles handles = acquire(plan);
  const Result<> applied = apply_cgroup_limits(plan, handles);
  ASSERT_FALSE(applied);
  const std::string message = applied.error().message();
  EXPECT_TRUE(message.starts_with("linux.resources.cpu.cpus: set /sys/fs/cgroup/")) << message;
  EXPECT_TRUE(message.contains("/cpuset.cpus to 9999: ")) << message;
}

}  // namespace
}  // namespace brig::kernel_test
