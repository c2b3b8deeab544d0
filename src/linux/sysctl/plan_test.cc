#include "linux/sysctl/plan.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/wire.h"
#include "linux/sysctl/apply.h"
#include "sys/file.h"

namespace brig {
namespace {

constexpr SysctlScope kOwn{.own_ipc = true, .own_network = true, .own_uts = true, .own_user = true};

std::string path_of(const std::string& key) {
  const Result<SysctlPlan> plan = plan_sysctl({{key, "1"}}, kOwn);
  return plan ? plan->front().path : plan.error().message();
}
std::string refusal(const std::string& key, const SysctlScope& scope = kOwn,
                    const std::string& value = "1") {
  const Result<SysctlPlan> plan = plan_sysctl({{key, value}}, scope);
  if (plan) return "accepted";
  EXPECT_EQ(plan.error().code(), Errc::BadConfig);
  return plan.error().message();
}

TEST(PlanSysctl, DotsAndSlashesSeparate) {
  EXPECT_EQ(path_of("net.ipv4.ip_forward"), "sys/net/ipv4/ip_forward");
  EXPECT_EQ(path_of("net/ipv4/ip_forward"), "sys/net/ipv4/ip_forward");
}

TEST(PlanSysctl, TheFirstSeparatorDecidesSoThatNamesMayHoldTheOther) {
  EXPECT_EQ(path_of("net/ipv4/conf/eth0.100/forwarding"), "sys/net/ipv4/conf/eth0.100/forwarding");
  EXPECT_EQ(path_of("net.ipv4.conf.eth0/100.forwarding"), "sys/net/ipv4/conf/eth0.100/forwarding");
}

TEST(PlanSysctl, APathThatClimbsIsRejected) {
  EXPECT_EQ(refusal("net/../kernel/core_pattern"),
            "linux.sysctl: 'net/../kernel/core_pattern': has the component '..'");
  EXPECT_EQ(refusal("net/./x"), "linux.sysctl: 'net/./x': has the component '.'");
  // With dots as separators a slash is a dot of the name.
  EXPECT_EQ(refusal("net.//.x"), "linux.sysctl: 'net.//.x': has the component '..'");
}

TEST(PlanSysctl, AnEmptyComponentIsRejected) {
  for (const char* key : {"", "net.", ".net", "net..x", "/net/x", "net//x"})
    EXPECT_EQ(refusal(key), cat("linux.sysctl: '", key, "': has an empty component"));
}

TEST(PlanSysctl, LineBreaksAreRejected) {
  EXPECT_EQ(refusal("net.x\n"), "linux.sysctl: 'net.x\n': has a line break or NUL in its name");
  EXPECT_EQ(refusal("net.x", kOwn, "1\n2"),
            "linux.sysctl: 'net.x': has a line break or NUL in its value");
  EXPECT_EQ(refusal("net.x", kOwn, std::string("1\0", 2)),
            "linux.sysctl: 'net.x': has a line break or NUL in its value");
}

TEST(PlanSysctl, EachNamespaceOpensItsOwnParametersOnly) {
  struct Row {
    const char* key;
    const char* name;
    SysctlScope scope;
  };
  const Row rows[] = {
      {"kernel.shmmax", "ipc", {.own_ipc = true}},
      {"kernel.shm_rmid_forced", "ipc", {.own_ipc = true}},
      {"fs.mqueue.msg_max", "ipc", {.own_ipc = true}},
      {"net.core.somaxconn", "network", {.own_network = true}},
      {"kernel.domainname", "uts", {.own_uts = true}},
      {"user.max_user_namespaces", "user", {.own_user = true}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(refusal(row.key, row.scope), "accepted");
    EXPECT_EQ(refusal(row.key, {}),
              cat("linux.sysctl: '", row.key, "': belongs to the ", row.name,
                  " namespace, and the container shares the host's: it would change the host"));
  }
}

TEST(PlanSysctl, WhatNoNamespaceHoldsIsRejected) {
  for (const char* key : {"kernel.core_pattern", "vm.swappiness", "fs.file-max", "kernel",
                          "kernel.shmmax.x", "fs.mqueue", "kernel/shmmax/x"})
    EXPECT_EQ(refusal(key),
              cat("linux.sysctl: '", key, "': belongs to no namespace: it would change the host"));
}

TEST(PlanSysctl, TheHostnameHasItsOwnMember) {
  EXPECT_EQ(refusal("kernel.hostname"),
            "linux.sysctl: 'kernel.hostname': is what the member 'hostname' is for");
}

TEST(PlanSysctl, ThePlanSurvivesTheWire) {
  const SysctlPlan plan = *plan_sysctl({{"net.x", "1"}, {"kernel.sem", "1 2 3 4"}}, kOwn);
  EXPECT_EQ(*wire::decode<SysctlPlan>(wire::encode(plan)), plan);
}

std::string apply_message(const SysctlPlan& plan) {
  const Result<Fd> proc = sys::open_at(FdRef::cwd(), "/proc", O_PATH | O_DIRECTORY);
  const Result<> done = apply_sysctl(*proc, plan);
  return done ? "done" : done.error().message();
}

TEST(ApplySysctl, AParameterThatDoesNotExistIsNamed) {
  EXPECT_EQ(apply_message({{.key = "net.nothing", .path = "sys/net/nothing", .value = "v"}}),
            "set sysctl net.nothing to 'v': openat2 sys/net/nothing: no such file or directory "
            "(ENOENT)");
}

TEST(ApplySysctl, ALinkOnTheWayIsNotFollowed) {
  EXPECT_EQ(apply_message({{.key = "x", .path = "self/comm", .value = "v"}}),
            "set sysctl x to 'v': openat2 self/comm: too many levels of symbolic links (ELOOP)");
}

// Root of a user namespace, which owns the IPC namespace, for those who are not root.
bool enter_ipc_namespace() {
  if (::unshare(CLONE_NEWIPC) == 0) return true;
  const std::string map = cat("0 ", ::geteuid(), " 1");
  return ::unshare(CLONE_NEWUSER | CLONE_NEWIPC) == 0 &&
         sys::write_file_at(FdRef::cwd(), "/proc/self/uid_map", map);
}

int set_shmmni() {
  if (!enter_ipc_namespace()) return 77;
  const std::string said = apply_message(*plan_sysctl({{"kernel.shmmni", "1234"}}, kOwn));
  const Result<std::string> now = sys::read_file_at(FdRef::cwd(), "/proc/sys/kernel/shmmni");
  return said == "done" && now && *now == "1234\n" ? 0 : 1;
}

TEST(ApplySysctl, ChangesTheValueInTheCallersNamespace) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(set_shmmni());
  int status = -1;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "needs an ipc namespace";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace brig
