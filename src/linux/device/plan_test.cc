#include "linux/device/plan.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "spec/types.h"

namespace brig {
namespace {

spec::Spec spec_with(std::vector<spec::Device> devices) {
  return {.linux_ = spec::Linux{.devices = std::move(devices)}};
}

DevicePlan planned(const spec::Spec& spec, const DeviceFacts& facts = {}) {
  Result<DevicePlan> plan = plan_devices(spec, facts);
  EXPECT_TRUE(plan);
  return plan ? *std::move(plan) : DevicePlan();
}

std::vector<std::string> paths_of(const DevicePlan& plan) {
  std::vector<std::string> paths;
  for (const DeviceNode& node : plan.nodes) paths.push_back(node.path.text);
  return paths;
}

TEST(PlanDevices, EveryContainerHasTheDefaultNodesAndLinks) {
  const DevicePlan plan = planned({});
  EXPECT_EQ(paths_of(plan), (std::vector<std::string>{"/dev/null", "/dev/zero", "/dev/full",
                                                      "/dev/random", "/dev/urandom", "/dev/tty"}));
  for (const DeviceNode& node : plan.nodes) {
    EXPECT_EQ(node.mode, S_IFCHR | 0666U);
    EXPECT_FALSE(node.bound_from_host);
  }
  EXPECT_EQ(plan.links, (std::vector<DeviceLink>{{"/proc/self/fd", {"/dev/fd"}},
                                                 {"/proc/self/fd/0", {"/dev/stdin"}},
                                                 {"/proc/self/fd/1", {"/dev/stdout"}},
                                                 {"/proc/self/fd/2", {"/dev/stderr"}},
                                                 {"pts/ptmx", {"/dev/ptmx"}, true}}));
}

TEST(PlanDevices, CoreIsLinkedWhereTheHostHasIt) {
  const DevicePlan plan = planned({}, {.has_proc_core = true});
  EXPECT_EQ(plan.links.back(), (DeviceLink{"/proc/kcore", {"/dev/core"}}));
}

TEST(PlanDevices, TheConfigurationsOwnComeFirstAndReplaceDefaults) {
  const DevicePlan plan = planned(spec_with({{.type = "c",
                                              .path = "/dev/null",
                                              .major = 1,
                                              .minor = 3,
                                              .file_mode = 0600,
                                              .uid = 7,
                                              .gid = 8},
                                             {.type = "b", .path = "dev//loop0", .major = 7}}));
  ASSERT_EQ(plan.nodes.size(), 7U);
  EXPECT_EQ(plan.nodes[0], (DeviceNode{.path = {"/dev/null"},
                                       .mode = S_IFCHR | 0600,
                                       .major = 1,
                                       .minor = 3,
                                       .uid = 7,
                                       .gid = 8,
                                       .json_path = "linux.devices[0]"}));
  EXPECT_EQ(plan.nodes[1], (DeviceNode{.path = {"/dev/loop0"},
                                       .mode = S_IFBLK | 0666,
                                       .major = 7,
                                       .json_path = "linux.devices[1]"}));
  EXPECT_EQ(std::ranges::count(paths_of(plan), "/dev/null"), 1);
}

TEST(PlanDevices, KindsAreCharBlockAndFifo) {
  const DevicePlan plan = planned(
      spec_with({{.type = "u", .path = "/dev/u", .major = 1}, {.type = "p", .path = "/dev/p"}}));
  EXPECT_TRUE(S_ISCHR(plan.nodes[0].mode));
  EXPECT_TRUE(S_ISFIFO(plan.nodes[1].mode));
  const Result<DevicePlan> bad = plan_devices(spec_with({{.type = "x", .path = "/dev/x"}}), {});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message(), "linux.devices[0].type: unknown device type 'x'");
}

TEST(PlanDevices, TheModeIsPermissionsOnly) {
  const DevicePlan plan =
      planned(spec_with({{.type = "c", .path = "/dev/x", .major = 1, .file_mode = 0100'0640}}));
  EXPECT_EQ(plan.nodes[0].mode, S_IFCHR | 0640U);
}

// What a bind mount brought is the host's: only what the configuration names is added.
TEST(PlanDevices, AHostsDevKeepsItsNodes) {
  const spec::Spec spec =
      spec_with({{.type = "c", .path = "/dev/fuse", .major = 10, .minor = 229}});
  const DevicePlan plan = planned(spec, {.dev_is_host = true, .has_proc_core = true});
  EXPECT_EQ(paths_of(plan), (std::vector<std::string>{"/dev/fuse"}));
  EXPECT_TRUE(plan.links.empty());
}

// mknod(2) in a user namespace is EPERM, but for fifos.
TEST(PlanDevices, InAUserNamespaceNodesAreBoundFromTheHost) {
  const DevicePlan plan =
      planned(spec_with({{.type = "p", .path = "/dev/p"}}), {.user_namespace = true});
  EXPECT_FALSE(plan.nodes[0].bound_from_host);
  for (std::size_t i = 1; i < plan.nodes.size(); ++i)
    EXPECT_TRUE(plan.nodes[i].bound_from_host) << plan.nodes[i].path.text;
}

}  // namespace
}  // namespace brig
