#include "linux/cgroup/view.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

const CgroupPaths kHybrid{
    CgroupMode::Hybrid,
    {{"/cg/cpu,cpuacct", "/brig/web", "cpu,cpuacct"}, {"/cg/systemd", "/brig/web", "name=systemd"}},
    {{"/cg/unified", "/brig/web", ""}}};
const CgroupPaths kV2{CgroupMode::V2, {}, {{"/cg", "/brig/web", ""}}};

using Entries = std::vector<CgroupView::Entry>;
using Links = std::vector<std::pair<std::string, std::string>>;

TEST(CgroupViewPlan, OnV2ItIsOneFilesystemOrOneDirectory) {
  EXPECT_EQ(plan_cgroup_view(kV2, CgroupNamespace::Own).single_fstype, "cgroup2");
  EXPECT_EQ(plan_cgroup_view(kV2, CgroupNamespace::Inherited).single_bind, "/cg/brig/web");
  EXPECT_FALSE(plan_cgroup_view(kV2, CgroupNamespace::Inherited).tmpfs);
}

TEST(CgroupViewPlan, WithoutANamespaceTheOwnDirectoriesAreBound) {
  const CgroupView view = plan_cgroup_view(kHybrid, CgroupNamespace::Inherited);
  EXPECT_TRUE(view.tmpfs);
  EXPECT_EQ(view.entries, (Entries{{"cpu,cpuacct", "", "", "/cg/cpu,cpuacct/brig/web"},
                                   {"systemd", "", "", "/cg/systemd/brig/web"},
                                   {"unified", "", "", "/cg/unified/brig/web"}}));
  EXPECT_EQ(view.links, (Links{{"cpu,cpuacct", "cpu"}, {"cpu,cpuacct", "cpuacct"}}));
}

TEST(CgroupViewPlan, WithANamespaceEachHierarchyIsMountedByItsControllers) {
  const CgroupView view = plan_cgroup_view(kHybrid, CgroupNamespace::Own);
  EXPECT_EQ(view.entries, (Entries{{"cpu,cpuacct", "cgroup", "cpu,cpuacct", ""},
                                   {"systemd", "cgroup", "name=systemd", ""},
                                   {"unified", "cgroup2", "", ""}}));
}

TEST(CgroupViewPlan, AControllerWithAMountOfItsNameNeedsNoLink) {
  const CgroupPaths separate{
      CgroupMode::V1, {{"/cg/cpu", "/w", "cpu"}, {"/cg/cpuacct", "/w", "cpuacct"}}, {}};
  EXPECT_TRUE(plan_cgroup_view(separate, CgroupNamespace::Inherited).links.empty());
}

TEST(CgroupViewPlan, WithoutACgroupThereIsOnlyAnEmptyTmpfs) {
  CgroupView empty;
  empty.tmpfs = true;
  EXPECT_EQ(plan_cgroup_view({}, CgroupNamespace::Inherited), empty);
  EXPECT_EQ(plan_cgroup_view({}, CgroupNamespace::Own), empty);
}

}  // namespace
}  // namespace brig
