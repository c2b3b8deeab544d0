#include "linux/cgroup/paths.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

CgroupFacts hybrid() {
  return {
      .mode = CgroupMode::Hybrid,
      .v1 = {{"/cg/cpu,cpuacct", {"cpu", "cpuacct"}, "/own/cpu"}, {"/cg/memory", {"memory"}, "/"}},
      .v2 = {{"/cg/unified", {}, "/own/v2", "/own"}}};
}
CgroupFacts v2(const std::string& own = {}, const std::string& delegated = {}) {
  return {.mode = CgroupMode::V2, .v1 = {}, .v2 = {{"/cg", {}, own, delegated}}};
}

std::vector<std::string> directories(const CgroupPaths& paths) {
  std::vector<std::string> out;
  for (const CgroupDir& dir : paths.v1) out.push_back(directory_of(dir));
  for (const CgroupDir& dir : paths.v2) out.push_back(directory_of(dir));
  return out;
}

std::vector<std::string> planned(std::string_view path, const CgroupFacts& facts,
                                 const CgroupRequest& request = {.id = "web"}) {
  const Result<CgroupPaths> paths = plan_cgroup_paths(path, facts, request);
  if (!paths) return {paths.error().message()};
  return directories(*paths);
}

using Directories = std::vector<std::string>;

TEST(CgroupPath, AbsoluteCountsFromTheTopOfEachHierarchy) {
  EXPECT_EQ(planned("/a/b", hybrid()),
            (Directories{"/cg/cpu,cpuacct/a/b", "/cg/memory/a/b", "/cg/unified/a/b"}));
  EXPECT_EQ(planned("/a/b", v2()), (Directories{"/cg/a/b"}));
}

TEST(CgroupPath, RelativeIsBelowOurOwnOnV1AndBesideItOnV2) {
  EXPECT_EQ(planned("a", hybrid()),
            (Directories{"/cg/cpu,cpuacct/own/cpu/a", "/cg/memory/a", "/cg/unified/own/v2/a"}));
  EXPECT_EQ(planned("a", v2("/x/own")), (Directories{"/cg/x/a"}));
  EXPECT_EQ(planned("a", v2("/own")), (Directories{"/cg/a"}));
  EXPECT_EQ(planned("a", v2("/")), (Directories{"/cg/a"}));
}

TEST(CgroupPath, TheColonFormOfTheSystemdDriverIsTakenLiterally) {
  EXPECT_EQ(planned("system.slice:docker:abc", v2("/a/b")),
            (Directories{"/cg/a/system.slice:docker:abc"}));
}

TEST(CgroupPath, AbsentLeadsFromTheIdAlone) {
  EXPECT_EQ(planned("", hybrid()), (Directories{"/cg/cpu,cpuacct/brig/web", "/cg/memory/brig/web",
                                                "/cg/unified/brig/web"}));
  EXPECT_EQ(planned("", v2()), (Directories{"/cg/brig/web"}));
}

TEST(CgroupPath, AbsentWithoutPrivilegeIsBelowWhatWasDelegated) {
  const CgroupRequest user{.id = "web", .root = false};
  EXPECT_EQ(planned("", v2("/u/own", "/u"), user), (Directories{"/cg/u/brig/web"}));
  EXPECT_EQ(planned("", v2("/", "/"), user), (Directories{"/cg/brig/web"}));
  EXPECT_EQ(planned("", v2("/u/own"), user), (Directories{}));
  EXPECT_EQ(derived_cgroup_paths(user, v2("/u/own"))->mode, CgroupMode::None);
}

TEST(CgroupPath, IsNowhereThatIsReadOnly) {
  CgroupFacts facts = hybrid();
  facts.v1[0].read_only = facts.v2[0].read_only = true;
  EXPECT_EQ(planned("/a", facts), (Directories{"/cg/memory/a"}));
  EXPECT_EQ(planned("a", facts), (Directories{"/cg/memory/a"}));
  EXPECT_EQ(planned("", facts), (Directories{"/cg/memory/brig/web"}));
  facts.v1[1].read_only = true;
  EXPECT_EQ(plan_cgroup_paths("/a", facts, {.id = "web"})->mode, CgroupMode::None);
}

TEST(CgroupPath, IsNormalised) {
  EXPECT_EQ(planned("//a/./b//", v2()), (Directories{"/cg/a/b"}));
  EXPECT_EQ(planned("./a", v2("/x/y")), (Directories{"/cg/x/a"}));
}

TEST(CgroupPath, MustNotLeadUpwards) {
  for (const char* path : {"..", "/../a", "a/../b", "/a/.."})
    EXPECT_EQ(planned(path, v2("/x")), (Directories{"linux.cgroupsPath: must not contain '..'"}));
  EXPECT_EQ(planned("/..a/b..", v2()), (Directories{"/cg/..a/b.."}));
}

TEST(CgroupPath, MustNotBeTheWholeHierarchyOrHoldANul) {
  EXPECT_EQ(planned("/", v2()),
            (Directories{"linux.cgroupsPath: '/' is not a cgroup of the container's own"}));
  EXPECT_EQ(planned("./.", v2("/x")),
            (Directories{"linux.cgroupsPath: './.' is not a cgroup of the container's own"}));
  EXPECT_EQ(planned(std::string_view("/a\0b", 4), v2()),
            (Directories{"linux.cgroupsPath: must not contain a NUL byte"}));
}

TEST(CgroupPath, RelativeNeedsOurOwnCgroup) {
  EXPECT_EQ(planned("a", v2()),
            (Directories{"linux.cgroupsPath: 'a' is relative to our own cgroup, which /cg does not "
                         "show; use an absolute path"}));
}

TEST(CgroupPath, DisabledIsNone) {
  EXPECT_EQ(planned("/a", v2(), {.id = "web", .disabled = true}), (Directories{}));
}

TEST(CgroupPath, AnIdThatIsNoNameIsRefused) {
  for (const char* id : {"", ".", "..", "a/b", "../x"})
    EXPECT_FALSE(derived_cgroup_paths({.id = id}, v2())) << id;
}

TEST(CgroupPath, OnlyPathsBelowAMountPointPassValidation) {
  const auto with = [](const char* mount, const char* path) {
    return validate_cgroup_paths({CgroupMode::V2, {}, {{mount, path, ""}}});
  };
  EXPECT_TRUE(with("/sys/fs/cgroup", "/brig/web"));
  for (const char* path : {"", "/", "brig", "/a/", "//a", "/a/../b", "/.."})
    EXPECT_FALSE(with("/sys/fs/cgroup", path)) << path;
  for (const char* mount : {"", "/", "cg", "/sys/../x", "/sys/"})
    EXPECT_FALSE(with(mount, "/a")) << mount;
}

}  // namespace
}  // namespace brig
