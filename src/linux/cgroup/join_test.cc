#include "linux/cgroup/join.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

const CgroupPaths kHybrid{
    .mode = CgroupMode::Hybrid,
    .v1 = {{.mount = "/m/memory", .path = "/brig/web", .controllers = "memory"},
           {.mount = "/m/cpu", .path = "/brig/web", .controllers = "cpu,cpuacct"}},
    .v2 = {{.mount = "/m/unified", .path = "/brig/web", .controllers = ""}}};

TEST(JoinedCgroup, WithoutAPathItIsTheContainersOwn) {
  EXPECT_EQ(*plan_joined_cgroup(kHybrid, {}), kHybrid);
  EXPECT_EQ(*plan_joined_cgroup(kHybrid, {"/"}), kHybrid);
}

TEST(JoinedCgroup, APathGoesDownInEveryHierarchy) {
  const CgroupPaths paths = *plan_joined_cgroup(kHybrid, {"/a/./b/"});
  EXPECT_EQ(paths.v1[0].path, "/brig/web/a/b");
  EXPECT_EQ(paths.v1[1].path, "/brig/web/a/b");
  EXPECT_EQ(paths.v2[0].path, "/brig/web/a/b");
}

TEST(JoinedCgroup, AControllerGoesDownInItsOwnHierarchyAlone) {
  const CgroupPaths paths = *plan_joined_cgroup(kHybrid, {"cpu:a", "memory:b"});
  EXPECT_EQ(paths.v1[0].path, "/brig/web/b");
  EXPECT_EQ(paths.v1[1].path, "/brig/web/a");
  EXPECT_EQ(paths.v2[0].path, "/brig/web");
}

TEST(JoinedCgroup, NothingLeadsOut) {
  for (const std::string path : {"..", "/a/../..", "memory:../other"}) {
    const auto paths = plan_joined_cgroup(kHybrid, {path});
    ASSERT_FALSE(paths) << path;
    EXPECT_TRUE(paths.error().message().contains("leads out")) << path;
  }
}

TEST(JoinedCgroup, AControllerThatIsNotThereIsNamed) {
  const auto paths = plan_joined_cgroup(kHybrid, {"io:a"});
  ASSERT_FALSE(paths);
  EXPECT_EQ(paths.error().message(), "--cgroup: 'io:a': the container has no such cgroup");
}

TEST(JoinedCgroup, AMemberIsFollowedDownwardsOnly) {
  EXPECT_EQ(follow_v2_member(kHybrid, "3:memory:/x\n0::/brig/web/init.scope\n").v2[0].path,
            "/brig/web/init.scope");
  EXPECT_EQ(follow_v2_member(kHybrid, "0::/brig/webmail\n").v2[0].path, "/brig/web");
  EXPECT_EQ(follow_v2_member(kHybrid, "0::/\n").v2[0].path, "/brig/web");
  EXPECT_EQ(follow_v2_member(kHybrid, "").v2[0].path, "/brig/web");
}

}  // namespace
}  // namespace brig
