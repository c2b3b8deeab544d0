// The cgroup code on the real kernel. Needs root; every cgroup is below /brig-test-PID.
//
//   cgroup_test            on the host as it is
//   cgroup_test cgroup2    where /sys/fs/cgroup is a cgroup2 tree alone
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <functional>

#include "cgroup_view.h"
#include "linux/cgroup/apply.h"
#include "linux/cgroup/control.h"
#include "linux/cgroup/devices/program.h"
#include "linux/cgroup/devices/rules.h"
#include "linux/cgroup/parse.h"
#include "linux/cgroup/plan.h"
#include "linux/cgroup/view.h"
#include "spec/types.h"
#include "sys/cgroup.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig {
namespace {

std::int64_t in_seconds(int seconds) {
  return sys::monotonic_ms() + seconds * 1000;
}

// A process in the cgroup, by clone3 and the v1 tasks files, as the runtime does it.
pid_t spawn_in(const CgroupHandles& handles, const std::function<int()>& body) {
  clone_args args{};
  args.exit_signal = SIGCHLD;
  if (handles.v2_dir) {
    args.flags = CLONE_INTO_CGROUP;
    args.cgroup = static_cast<__u64>(FdRef(handles.v2_dir).raw());
  }
  const pid_t pid = static_cast<pid_t>(::syscall(SYS_clone3, &args, sizeof args));
  if (pid != 0) return pid;
  for (const Fd& tasks : handles.v1_tasks)
    if (::write(FdRef(tasks).raw(), "0", 1) != 1) ::_exit(120);
  ::_exit(body());
}

int sleep_for_ever() {
  while (true) ::pause();
}

int wait_status(pid_t pid) {
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return status;
}
int exit_code(pid_t pid) {
  const int status = wait_status(pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string text_of(const std::string& path) {
  Result<std::string> text = sys::read_file_at(FdRef::cwd(), path);
  if (!text) return text.error().message();
  while (text->ends_with('\n')) text->pop_back();
  return *text;
}

bool is_there(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

std::vector<CgroupDir> all_of(const CgroupPaths& paths) {
  std::vector<CgroupDir> dirs = paths.v1;
  dirs.insert(dirs.end(), paths.v2.begin(), paths.v2.end());
  return dirs;
}

bool nothing_left(const CgroupPaths& paths) {
  for (const CgroupDir& dir : all_of(paths))
    if (is_there(directory_of(dir))) return false;
  return true;
}

class Cgroup : public testing::Test {
 protected:
  // Without rules of its own a container is restricted to the default devices.
  static spec::Spec spec_named(const std::string& name) {
    spec::Spec spec;
    spec.linux_.emplace();
    spec.linux_->cgroups_path = top() + "/" + name;
    return spec;
  }
  static std::string top() { return cat("/brig-test-", ::getpid()); }

  static CgroupFacts facts() {
    Result<CgroupFacts> found = probe_cgroup_facts({.own_path = true, .v2_controllers = true});
    EXPECT_TRUE(found) << found.error().message();
    return *found;
  }

  CgroupPlan plan_for(const spec::Spec& spec) {
    Result<CgroupPlan> plan = plan_cgroup(spec, facts(), {.id = "test"});
    EXPECT_TRUE(plan) << plan.error().message();
    made_.push_back(plan->paths);
    return *plan;
  }

  CgroupHandles acquire(const CgroupPlan& plan) {
    Result<CgroupHandles> handles = acquire_cgroup(plan);
    EXPECT_TRUE(handles) << handles.error().message();
    return std::move(*handles);
  }

  static bool has(const std::string& controller) {
    for (const CgroupHierarchy& hierarchy : facts().v1)
      if (contains(hierarchy.controllers, controller)) return true;
    for (const CgroupV2Tree& tree : facts().v2)
      if (contains(tree.controllers, controller)) return true;
    return false;
  }

  void TearDown() override {
    for (const CgroupPaths& paths : made_) {
      const Result<> removed = remove_cgroup(paths, in_seconds(10));
      EXPECT_TRUE(removed) << removed.error().message();
      for (const CgroupDir& dir : all_of(paths)) ::rmdir((dir.mount + top()).c_str());
      for (const CgroupDir& dir : all_of(paths)) EXPECT_FALSE(is_there(dir.mount + top()));
    }
  }

  std::vector<CgroupPaths> made_;
};

TEST_F(Cgroup, AProcessIsBornInEveryCgroupAndDiesWithThem) {
  const CgroupPlan plan = plan_for(spec_named("born"));
  const CgroupHandles handles = acquire(plan);
  EXPECT_EQ(handles.paths, plan.paths);
  const pid_t pid = spawn_in(handles, sleep_for_ever);
  ASSERT_GT(pid, 0);
  const Result<> applied = apply_cgroup_limits(plan, handles);
  EXPECT_TRUE(applied) << applied.error().message();

  for (const CgroupDir& dir : all_of(plan.paths)) {
    for (int i = 0; i < 1000 && text_of(directory_of(dir) + "/cgroup.procs").empty(); ++i)
      sys::sleep_ms(1);
    EXPECT_EQ(text_of(directory_of(dir) + "/cgroup.procs"), cat(pid)) << directory_of(dir);
  }
  EXPECT_EQ(*cgroup_processes(plan.paths), std::vector<pid_t>{pid});
  const Result<> removed = remove_cgroup(plan.paths, in_seconds(10));
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_EQ(exit_code(pid), 128 + SIGKILL);
  EXPECT_TRUE(nothing_left(plan.paths));
}

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
  const pid_t pid = spawn_in(handles, sleep_for_ever);
  for (int i = 0; i < 1000 && cgroup_processes(plan.paths)->empty(); ++i) sys::sleep_ms(1);

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

TEST_F(Cgroup, FrozenProcessesStandStillUntilThawed) {
  const CgroupPlan plan = plan_for(spec_named("frozen"));
  const CgroupHandles handles = acquire(plan);
  // A handler: without one the kernel makes SIGTERM a SIGKILL, which ends also frozen processes.
  struct sigaction before{};
  struct sigaction with_handler{};
  with_handler.sa_handler = [](int) { ::_exit(42); };
  ASSERT_EQ(::sigaction(SIGTERM, &with_handler, &before), 0);
  const pid_t pid = spawn_in(handles, sleep_for_ever);
  ASSERT_EQ(::sigaction(SIGTERM, &before, nullptr), 0);
  for (int i = 0; i < 1000 && cgroup_processes(plan.paths)->empty(); ++i) sys::sleep_ms(1);
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
    const pid_t pid = spawn_in(handles, sleep_for_ever);
    for (int i = 0; i < 1000 && cgroup_processes(plan.paths)->empty(); ++i) sys::sleep_ms(1);
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
  for (int i = 0; i < 2000 && cgroup_processes(plan.paths)->size() < 21; ++i) sys::sleep_ms(1);
  EXPECT_EQ(cgroup_processes(plan.paths)->size(), 21u);
  ASSERT_TRUE(kill_cgroup(plan.paths, SIGUSR1));
  EXPECT_EQ(exit_code(pid), 128 + SIGUSR1);
  for (int i = 0; i < 2000 && !cgroup_processes(plan.paths)->empty(); ++i) sys::sleep_ms(1);
  EXPECT_TRUE(cgroup_processes(plan.paths)->empty());
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
  for (int i = 0; i < 1000 && !text_of(directory_of(plan.paths.v2[0]) + "/cgroup.procs").empty();
       ++i)
    sys::sleep_ms(1);
  const Result<> removed = remove_cgroup(plan.paths, in_seconds(10));
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_EQ(exit_code(pid), 128 + SIGKILL);
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
  for (int i = 0; i < 2000 && cgroup_processes(plan.paths)->size() < 51; ++i) sys::sleep_ms(1);
  // So many do not all die between the signal and the first look, which is the last here.
  const Result<> removed = remove_cgroup(plan.paths, sys::monotonic_ms() - 1);
  if (removed) GTEST_SKIP() << "they died too fast";
  const std::string message = removed.error().message();
  EXPECT_TRUE(message.starts_with("remove cgroup /sys/fs/cgroup")) << message;
  EXPECT_EQ(exit_code(pid), 128 + SIGKILL);
}

// ---- devices ---------------------------------------------------------------------------------

// Opens a device node of our own, so that nothing but the cgroup decides. 0 or errno.
int open_device(const std::string& directory, int minor, int flags) {
  const std::string node = cat(directory, "/c-1-", minor);
  const int fd = ::open(node.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return errno;
  ::close(fd);
  return 0;
}

constexpr int kMinors[] = {3, 5, 7, 9};  // null, zero, full, urandom: harmless to open
constexpr int kFlags[] = {O_RDONLY, O_WRONLY, O_RDWR};
using Rules = std::vector<CgroupDeviceRule>;

class CgroupDevices : public Cgroup {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(directory_), nullptr);
    for (const int minor : kMinors)
      ASSERT_EQ(::mknod(cat(directory_, "/c-1-", minor).c_str(), S_IFCHR | 0600,
                        makedev(1, static_cast<unsigned>(minor))),
                0);
  }
  void TearDown() override {
    for (const int minor : kMinors) ::unlink(cat(directory_, "/c-1-", minor).c_str());
    ::rmdir(directory_);
    Cgroup::TearDown();
  }

  // The plan with these rules and no others, the defaults left out. False: v1 has no words for it.
  bool restrict(CgroupPlan& plan, const Rules& rules) {
    plan.writes.clear();
    plan.device_program.clear();
    const Rules reduced = reduce_device_rules(rules);
    for (std::size_t i = 0; i < plan.paths.v1.size(); ++i) {
      if (plan.paths.v1[i].controllers != "devices") continue;
      Result<std::vector<CgroupWrite>> writes =
          v1_device_writes(reduced, static_cast<std::int32_t>(i));
      if (!writes) return false;
      plan.writes = std::move(*writes);
      return true;
    }
    plan.device_program = device_program(reduced);
    return true;
  }

  // Bit i is set when access number i was let through.
  int accesses_under(const CgroupPlan& plan) {
    const CgroupHandles handles = acquire(plan);
    const Result<> applied = apply_cgroup_limits(plan, handles);
    EXPECT_TRUE(applied) << applied.error().message();
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const pid_t pid = spawn_in(handles, [&] { return report_accesses(ends[1]); });
    ::close(ends[1]);
    int result = 0;
    EXPECT_EQ(::read(ends[0], &result, sizeof result), ssize_t{sizeof result});
    ::close(ends[0]);
    EXPECT_EQ(exit_code(pid), 0);
    EXPECT_TRUE(remove_cgroup(plan.paths, in_seconds(5)));
    return result;
  }

  int report_accesses(int to) const {
    int result = 0, bit = 0;
    for (const int minor : kMinors)
      for (const int flags : kFlags) {
        const int error = open_device(directory_, minor, flags);
        if (error != 0 && error != EPERM) return 1;
        if (error == 0) result |= 1 << bit;
        ++bit;
      }
    return ::write(to, &result, sizeof result) == ssize_t{sizeof result} ? 0 : 2;
  }

  char directory_[32] = "/tmp/brig-test-XXXXXX";
};

bool wants(int flags, std::uint8_t access) {
  return flags == O_RDWR || (flags == O_RDONLY) == (access == kDeviceRead);
}

// The definition once more: each bit by the last rule that has it.
bool meant(const Rules& rules, int minor, int flags) {
  for (const std::uint8_t access : {kDeviceRead, kDeviceWrite}) {
    bool allowed = false;
    for (const CgroupDeviceRule& rule : rules) {
      const bool same = rule.kind == CgroupDeviceKind::All ||
                        (rule.kind == CgroupDeviceKind::Char && rule.major != 2 &&
                         (rule.minor == kAnyDeviceNumber || rule.minor == minor));
      if (same && (rule.access & access) != 0) allowed = rule.allow;
    }
    if (wants(flags, access) && !allowed) return false;
  }
  return true;
}

int accesses_meant(const Rules& rules) {
  int result = 0, bit = 0;
  for (const int minor : kMinors)
    for (const int flags : kFlags) result |= (meant(rules, minor, flags) ? 1 : 0) << bit++;
  return result;
}

TEST_F(CgroupDevices, TheKernelDecidesAsTheRulesSay) {
  CgroupPlan plan = plan_for(spec_named("rules"));
  std::uint32_t seed = 7;
  const auto pick = [&seed](std::uint32_t below) {
    seed = seed * 1664525 + 1013904223;
    return (seed >> 16) % below;
  };
  int tried = 0;
  for (int round = 0; round < 60; ++round) {
    Rules rules;
    std::string text;
    for (std::uint32_t i = pick(7); i > 0; --i) {
      CgroupDeviceRule rule{.allow = pick(2) == 0};
      if (pick(8) != 0)
        rule = {.allow = rule.allow,
                .kind = pick(6) == 0 ? CgroupDeviceKind::Block : CgroupDeviceKind::Char,
                .major = static_cast<std::int64_t>(pick(3)),
                .minor = pick(4) == 0 ? kAnyDeviceNumber : kMinors[pick(4)],
                .access = static_cast<std::uint8_t>(1 + pick(7))};
      if (rule.major == 0) rule.major = kAnyDeviceNumber;
      rules.push_back(rule);
      text += describe(rule) + "; ";
    }
    if (!restrict(plan, rules)) continue;
    ++tried;
    EXPECT_EQ(accesses_under(plan), accesses_meant(rules)) << text;
  }
  EXPECT_GT(tried, 20);
}

TEST_F(CgroupDevices, TheDefaultsCanBeOpened) {
  const CgroupPlan plan = plan_for(spec_named("defaults"));
  EXPECT_EQ(accesses_under(plan), (1 << 12) - 1);
}

TEST_F(CgroupDevices, OthersAreRefused) {
  const CgroupPlan plan = plan_for(spec_named("others"));
  const CgroupHandles handles = acquire(plan);
  ASSERT_TRUE(apply_cgroup_limits(plan, handles));
  const std::string node = cat(directory_, "/kmsg");
  const pid_t pid = spawn_in(handles, [&] {
    // The defaults allow to make any node, and not to open it.
    if (::mknod(node.c_str(), S_IFCHR | 0600, makedev(1, 11)) != 0) return 1;
    const int fd = ::open(node.c_str(), O_RDONLY);
    const int error = fd < 0 ? errno : 0;
    ::unlink(node.c_str());
    return error;
  });
  EXPECT_EQ(exit_code(pid), EPERM);
}

// Where RLIMIT_MEMLOCK is used up and may not be raised. Only v2 loads a program.
TEST_F(CgroupDevices, NeedNoLockedMemory) {
  const CgroupPlan plan = plan_for(spec_named("memlock"));
  const CgroupHandles handles = acquire(plan);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    if (::setrlimit(RLIMIT_MEMLOCK, &none) != 0) ::_exit(2);
    ::_exit(apply_cgroup_limits(plan, handles) ? 0 : 1);
  }
  EXPECT_EQ(exit_code(pid), 0);
}

}  // namespace
}  // namespace brig

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc > 1 && std::strcmp(argv[1], "cgroup2") == 0 && !brig::kernel_test::show_only_cgroup2()) {
    std::perror("cgroup2 alone");
    return 1;
  }
  return RUN_ALL_TESTS();
}
