// What every test of cgroups on the kernel stands on: a cgroup below /brig-test-PID, processes
// in it, and nothing left afterwards.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "linux/cgroup/apply.h"
#include "linux/cgroup/control.h"
#include "linux/cgroup/plan.h"
#include "spec/types.h"
#include "sys/process.h"

namespace brig::kernel_test {

std::int64_t in_seconds(int seconds);  // a deadline

// A process in the cgroup, by clone3 and the v1 tasks files, as the runtime does it.
pid_t spawn_in(const CgroupHandles& handles, const std::function<int()>& body);

[[noreturn]] int sleep_for_ever();

// Its status as a shell counts it: 128 + N for the end by signal N.
int exit_code(pid_t pid);

// Looks again every millisecond, for two seconds.
bool comes_true(const std::function<bool()>& condition);

// Without the last newline; an error as its message.
std::string text_of(const std::string& path);
bool is_there(const std::string& path);

std::vector<CgroupDir> all_of(const CgroupPaths& paths);
bool nothing_left(const CgroupPaths& paths);

class Cgroup : public testing::Test {
 protected:
  static std::string top();  // below each mount: every cgroup of this program is under it

  // Without rules of its own a container is restricted to the default devices.
  static spec::Spec spec_named(const std::string& name);
  static CgroupFacts facts();
  static bool has(const std::string& controller);

  CgroupPlan plan_for(const spec::Spec& spec);  // what it names is removed after the test
  static CgroupHandles acquire(const CgroupPlan& plan);

  // A process that sleeps there, once it is a member.
  static pid_t sleeper_in(const CgroupPlan& plan, const CgroupHandles& handles);

  void TearDown() override;

 private:
  std::vector<CgroupPaths> made_;
};

}  // namespace brig::kernel_test
