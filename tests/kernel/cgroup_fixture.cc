#include "cgroup_fixture.h"

#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/cgroup/parse.h"
#include "sys/file.h"

namespace brig::kernel_test {

std::int64_t in_seconds(int seconds) {
  return sys::monotonic_ms() + seconds * 1000;
}

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

int exit_code(pid_t pid) {
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool comes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    sys::sleep_ms(1);
  }
  return false;
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

std::string Cgroup::top() {
  return cat("/brig-test-", ::getpid());
}

spec::Spec Cgroup::spec_named(const std::string& name) {
  spec::Spec spec;
  spec.linux_.emplace();
  spec.linux_->cgroups_path = cat(top(), "/", name);
  return spec;
}

CgroupFacts Cgroup::facts() {
  Result<CgroupFacts> found = probe_cgroup_facts({.own_path = true, .v2_controllers = true});
  EXPECT_TRUE(found) << found.error().message();
  return *found;
}

bool Cgroup::has(const std::string& controller) {
  for (const CgroupHierarchy& hierarchy : facts().v1)
    if (contains(hierarchy.controllers, controller)) return true;
  for (const CgroupV2Tree& tree : facts().v2)
    if (contains(tree.controllers, controller)) return true;
  return false;
}

CgroupPlan Cgroup::plan_for(const spec::Spec& spec) {
  Result<CgroupPlan> plan = plan_cgroup(spec, facts(), {.id = "test"});
  EXPECT_TRUE(plan) << plan.error().message();
  made_.push_back(plan->paths);
  return *plan;
}

CgroupHandles Cgroup::acquire(const CgroupPlan& plan) {
  Result<CgroupHandles> handles = acquire_cgroup(plan);
  EXPECT_TRUE(handles) << handles.error().message();
  return std::move(*handles);
}

pid_t Cgroup::sleeper_in(const CgroupPlan& plan, const CgroupHandles& handles) {
  const pid_t pid = spawn_in(handles, sleep_for_ever);
  EXPECT_GT(pid, 0);
  // v1 cgroups it enters by itself.
  for (const CgroupDir& dir : all_of(plan.paths))
    EXPECT_TRUE(comes_true([&] {
      return text_of(directory_of(dir) + "/cgroup.procs") == cat(pid);
    })) << directory_of(dir);
  return pid;
}

void Cgroup::TearDown() {
  for (const CgroupPaths& paths : made_) {
    const Result<> removed = remove_cgroup(paths, in_seconds(10));
    EXPECT_TRUE(removed) << removed.error().message();
    for (const CgroupDir& dir : all_of(paths)) ::rmdir((dir.mount + top()).c_str());
    for (const CgroupDir& dir : all_of(paths)) EXPECT_FALSE(is_there(dir.mount + top()));
  }
}

}  // namespace brig::kernel_test
