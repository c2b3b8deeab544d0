#include "linux/cgroup/facts.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

constexpr char kHybridMounts[] =
    "22 1 8:1 / / rw,relatime - ext4 /dev/vda rw\n"
    "30 22 0:26 / /sys/fs/cgroup rw,relatime shared:9 - tmpfs tmpfs rw,mode=755\n"
    "31 30 0:27 / /sys/fs/cgroup/unified rw,nosuid shared:10 - cgroup2 cgroup2 rw\n"
    "32 30 0:28 / /sys/fs/cgroup/systemd rw shared:11 - cgroup cgroup rw,xattr,name=systemd\n"
    "33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:12 - cgroup cgroup rw,cpu,cpuacct\n"
    "34 30 0:30 / /sys/fs/cgroup/memory rw master:1 shared:13 - cgroup cgroup rw,memory\n";
constexpr char kHybridSelf[] =
    "4:memory:/user.slice\n"
    "3:cpu,cpuacct:/user.slice/a:b\n"
    "2:pids:/\n"
    "1:name=systemd:/user.slice/user-0.slice/session-1.scope\n"
    "0::/user.slice/user-0.slice/session-1.scope\n";

TEST(CgroupFacts, AHybridHostHasItsV1HierarchiesAndACgroup2Tree) {
  const CgroupFacts facts = cgroup_facts_from(kHybridMounts, kHybridSelf);
  EXPECT_EQ(facts.mode, CgroupMode::Hybrid);
  ASSERT_EQ(facts.v1.size(), 3u);  // pids is not mounted
  EXPECT_EQ(facts.v1[0], (CgroupHierarchy{"/sys/fs/cgroup/memory", {"memory"}, "/user.slice"}));
  EXPECT_EQ(facts.v1[1],
            (CgroupHierarchy{"/sys/fs/cgroup/cpu,cpuacct", {"cpu", "cpuacct"}, "/user.slice/a:b"}));
  EXPECT_EQ(facts.v1[2].controllers, (std::vector<std::string>{"name=systemd"}));
  ASSERT_EQ(facts.v2.size(), 1u);
  EXPECT_EQ(facts.v2[0].mount, "/sys/fs/cgroup/unified");
  EXPECT_EQ(facts.v2[0].own_path, "/user.slice/user-0.slice/session-1.scope");
}

TEST(CgroupFacts, WithoutACgroup2MountTheHostIsV1) {
  const CgroupFacts facts =
      cgroup_facts_from("34 30 0:30 / /cg/memory rw - cgroup cgroup rw,memory\n", kHybridSelf);
  EXPECT_EQ(facts.mode, CgroupMode::V1);
  EXPECT_TRUE(facts.v2.empty());
}

TEST(CgroupFacts, Cgroup2AtAnUnusualPlaceIsFound) {
  const CgroupFacts facts =
      cgroup_facts_from("31 30 0:27 / /run/cg\\0402 rw - cgroup2 none rw\n", "0::/x\n");
  EXPECT_EQ(facts.mode, CgroupMode::V2);
  EXPECT_EQ(facts.v2[0].mount, "/run/cg 2");
}

TEST(CgroupFacts, NothingMountedIsNone) {
  EXPECT_EQ(cgroup_facts_from("", "0::/\n"), CgroupFacts{});
  EXPECT_EQ(cgroup_facts_from("22 1 8:1 / / rw - ext4 /dev/vda rw\n", ""), CgroupFacts{});
}

TEST(CgroupFacts, InsideAContainerPathsCountFromWhatIsMounted) {
  constexpr char kMount[] =
      "34 30 0:30 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
  EXPECT_EQ(cgroup_facts_from(kMount, "4:memory:/docker/abc\n").v1[0].own_path, "/");
  EXPECT_EQ(cgroup_facts_from(kMount, "4:memory:/docker/abc/d\n").v1[0].own_path, "/d");
  EXPECT_EQ(cgroup_facts_from(kMount, "4:memory:/docker/abcd\n").v1[0].own_path, "");
  EXPECT_EQ(cgroup_facts_from(kMount, "4:memory:/../x\n").v1[0].own_path, "");
}

TEST(CgroupFacts, AReadOnlyMountAndAReadOnlyFilesystemAreKnown) {
  const auto is_read_only = [](const char* mount) {
    return cgroup_facts_from(mount, "4:memory:/\n").v1[0].read_only;
  };
  EXPECT_TRUE(is_read_only("34 30 0:30 / /cg ro,nosuid - cgroup cgroup rw,memory\n"));
  EXPECT_TRUE(is_read_only("34 30 0:30 / /cg rw,nosuid - cgroup cgroup ro,memory\n"));
  EXPECT_FALSE(is_read_only("34 30 0:30 / /cg rw,nosuid - cgroup cgroup rw,memory\n"));
  EXPECT_TRUE(
      cgroup_facts_from("31 30 0:27 / /cg ro - cgroup2 cgroup2 rw\n", "0::/\n").v2[0].read_only);
}

TEST(CgroupFacts, TheWholeTreeIsPreferredToAViewOfAPart) {
  const CgroupFacts facts = cgroup_facts_from(
      "33 30 0:30 /a /srv/view rw - cgroup cgroup rw,memory\n"
      "34 30 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
      "35 30 0:30 / /srv/second rw - cgroup cgroup rw,memory\n",
      "4:memory:/\n");
  ASSERT_EQ(facts.v1.size(), 1u);
  EXPECT_EQ(facts.v1[0].mount, "/sys/fs/cgroup/memory");
}

TEST(CgroupFacts, DamagedLinesAreSkipped) {
  const CgroupFacts facts = cgroup_facts_from(
      "34 30 - cgroup cgroup rw,memory\n34 - cgroup\n - cgroup2\ngarbage\n", "4:memory\n::\n");
  EXPECT_EQ(facts.mode, CgroupMode::None);
}

TEST(CgroupFacts, ThisHostCanBeProbed) {
  const Result<CgroupFacts> facts = probe_cgroup_facts({.own_path = true, .v2_controllers = true});
  ASSERT_TRUE(facts) << facts.error().message();
  EXPECT_EQ(facts->v1.empty(), facts->mode == CgroupMode::V2 || facts->mode == CgroupMode::None);
}

}  // namespace
}  // namespace brig
