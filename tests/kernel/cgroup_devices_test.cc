// Device rules on real device nodes: what v1 files or the v2 program let through.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>

#include "cgroup_fixture.h"
#include "linux/cgroup/devices/program.h"
#include "linux/cgroup/devices/rules.h"

namespace brig::kernel_test {
namespace {

constexpr int kMinors[] = {3, 5, 7, 9};  // null, zero, full, urandom: harmless to open
constexpr int kMknod = -1;               // beside the flags of open(2): makes the node instead
constexpr int kAccesses[] = {O_RDONLY, O_WRONLY, O_RDWR, kMknod};
constexpr int kEverything = (1 << (std::size(kMinors) * std::size(kAccesses))) - 1;
using Rules = std::vector<CgroupDeviceRule>;

std::string node_in(const std::string& directory, int minor) {
  return cat(directory, "/c-1-", minor);
}

int make_node(const std::string& path, int minor) {
  const dev_t number = makedev(1, static_cast<unsigned>(minor));
  return ::mknod(path.c_str(), S_IFCHR | 0600, number) == 0 ? 0 : errno;
}

// On device nodes of our own, so that nothing but the cgroup decides. 0 or errno.
int access_device(const std::string& directory, int minor, int access) {
  if (access == kMknod) {
    const std::string another = node_in(directory, minor) + "-again";
    const int error = make_node(another, minor);
    ::unlink(another.c_str());
    return error;
  }
  const int fd = ::open(node_in(directory, minor).c_str(), access | O_CLOEXEC);
  if (fd < 0) return errno;
  ::close(fd);
  return 0;
}

class CgroupDevices : public Cgroup {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(directory_), nullptr);
    for (const int minor : kMinors) ASSERT_EQ(make_node(node_in(directory_, minor), minor), 0);
  }
  void TearDown() override {
    for (const int minor : kMinors) ::unlink(node_in(directory_, minor).c_str());
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
      for (const int access : kAccesses) {
        const int error = access_device(directory_, minor, access);
        if (error != 0 && error != EPERM) return 1;
        if (error == 0) result |= 1 << bit;
        ++bit;
      }
    return ::write(to, &result, sizeof result) == ssize_t{sizeof result} ? 0 : 2;
  }

  char directory_[32] = "/tmp/brig-test-XXXXXX";
};

std::uint8_t bits_of(int access) {
  if (access == kMknod) return kDeviceMknod;
  if (access == O_RDWR) return kDeviceRead | kDeviceWrite;
  return access == O_RDONLY ? kDeviceRead : kDeviceWrite;
}

// The definition once more: each bit by the last rule that has it.
bool meant(const Rules& rules, int minor, std::uint8_t wanted) {
  for (const std::uint8_t bit : {kDeviceMknod, kDeviceRead, kDeviceWrite}) {
    bool allowed = false;
    for (const CgroupDeviceRule& rule : rules) {
      const bool same = rule.kind == CgroupDeviceKind::All ||
                        (rule.kind == CgroupDeviceKind::Char && rule.major != 2 &&
                         (rule.minor == kAnyDeviceNumber || rule.minor == minor));
      if (same && (rule.access & bit) != 0) allowed = rule.allow;
    }
    if ((wanted & bit) != 0 && !allowed) return false;
  }
  return true;
}

int accesses_meant(const Rules& rules) {
  int result = 0, bit = 0;
  for (const int minor : kMinors)
    for (const int access : kAccesses)
      result |= (meant(rules, minor, bits_of(access)) ? 1 : 0) << bit++;
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
  EXPECT_EQ(accesses_under(plan), kEverything);
}

// The defaults allow to make any node, and not to open it.
TEST_F(CgroupDevices, OthersCanBeMadeAndNotOpened) {
  const CgroupPlan plan = plan_for(spec_named("others"));
  const CgroupHandles handles = acquire(plan);
  ASSERT_TRUE(apply_cgroup_limits(plan, handles));
  constexpr int kKmsg = 11;
  const pid_t pid = spawn_in(handles, [&] {
    if (make_node(node_in(directory_, kKmsg), kKmsg) != 0) return 1;
    return access_device(directory_, kKmsg, O_RDONLY);
  });
  EXPECT_EQ(exit_code(pid), EPERM);
  ::unlink(node_in(directory_, kKmsg).c_str());
}

// No rule but "deny all": the kernel asks for every single access, of mknod(2) too.
TEST_F(CgroupDevices, WithoutAnyRuleEverythingIsRefused) {
  CgroupPlan plan = plan_for(spec_named("nothing"));
  ASSERT_TRUE(restrict(plan, {{.allow = false}}));
  EXPECT_EQ(accesses_under(plan), 0);
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
}  // namespace brig::kernel_test
