#include "linux/cgroup/systemd/unit.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

const SystemdUnitRequest kSystem{.id = "web", .run_dir = "/run"};
const SystemdUnitRequest kUser{.id = "web",
                               .run_dir = "/run/user/1000",
                               .manager_cgroup = "/user.slice/user-1000.slice/user@1000.service"};

TEST(SystemdUnit, CgroupsPathSaysSliceAndName) {
  const struct {
    const char* path;
    const char* name;
    const char* slice;
    const char* cgroup;
  } rows[] = {
      {"", "brig-web.scope", "system.slice", "/system.slice/brig-web.scope"},
      {":docker:1a", "docker-1a.scope", "system.slice", "/system.slice/docker-1a.scope"},
      {"machine.slice:libpod:1a", "libpod-1a.scope", "machine.slice",
       "/machine.slice/libpod-1a.scope"},
      {"kubepods-burstable-pod_1.slice:cri-containerd:1a", "cri-containerd-1a.scope",
       "kubepods-burstable-pod_1.slice",
       "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod_1.slice/"
       "cri-containerd-1a.scope"},
      {"-:x:y", "x-y.scope", "-.slice", "/x-y.scope"},
      {"-.slice:x:y", "x-y.scope", "-.slice", "/x-y.scope"},
      {"::y", "y.scope", "system.slice", "/system.slice/y.scope"},
      {"a.slice:x:a+b", "x-a\\x2bb.scope", "a.slice", "/a.slice/x-a\\x2bb.scope"},
      {"::_y", "_y.scope", "system.slice", "/system.slice/__y.scope"},
      {"ignored.slice:x:kubepods-pod1.slice", "kubepods-pod1.slice", "kubepods.slice",
       "/kubepods.slice/kubepods-pod1.slice"},
      {"::a.slice", "a.slice", "-.slice", "/a.slice"},
  };
  for (const auto& row : rows) {
    const Result<SystemdUnit> unit = plan_systemd_unit(row.path, kSystem);
    ASSERT_TRUE(unit) << row.path << ": " << unit.error().message();
    EXPECT_EQ(unit->name, row.name) << row.path;
    EXPECT_EQ(unit->slice, row.slice) << row.path;
    EXPECT_EQ(unit->cgroup, row.cgroup) << row.path;
    EXPECT_EQ(unit->run_dir, "/run");
  }
}

TEST(SystemdUnit, AUsersUnitIsBelowItsOwnSystemd) {
  const SystemdUnit unit = plan_systemd_unit("", kUser).value();
  EXPECT_EQ(unit.slice, "user.slice");
  EXPECT_EQ(unit.cgroup, "/user.slice/user-1000.slice/user@1000.service/user.slice/brig-web.scope");
}

TEST(SystemdUnit, APathThatIsNoneIsRefused) {
  const std::string expected =
      "linux.cgroupsPath: expected cgroupsPath to be of format \"slice:prefix:name\" for systemd "
      "cgroups, got \"";
  const struct {
    std::string path, message;
  } rows[] = {
      {"/docker/1a", expected + "/docker/1a\" instead"},
      {"a:b", expected + "a:b\" instead"},
      {"a:b:c:d", expected + "a:b:c:d\" instead"},
      {"a.slice:b:", "linux.cgroupsPath: the name after the second colon is empty"},
      {"a:b:c", "linux.cgroupsPath: 'a' is not the name of a slice"},
      {"/a.slice:b:c", "linux.cgroupsPath: '/a.slice' is not the name of a slice"},
      {"..slice/..:b:c", "linux.cgroupsPath: '..slice/..' is not the name of a slice"},
      {"-a.slice:b:c", "linux.cgroupsPath: '-a.slice' is not the name of a slice"},
      {"a--b.slice:b:c", "linux.cgroupsPath: 'a--b.slice' is not the name of a slice"},
      {"a-.slice:b:c", "linux.cgroupsPath: 'a-.slice' is not the name of a slice"},
      {".slice:b:c", "linux.cgroupsPath: '.slice' is not the name of a slice"},
      {"::a--b.slice", "linux.cgroupsPath: 'a--b.slice' is not the name of a slice"},
      {"::" + std::string(250, 'x'), "linux.cgroupsPath: the unit '" + std::string(250, 'x') +
                                         ".scope' has a name of 256 bytes, and 255 are allowed"},
  };
  for (const auto& row : rows) {
    const Result<SystemdUnit> unit = plan_systemd_unit(row.path, kSystem);
    ASSERT_FALSE(unit) << row.path;
    EXPECT_EQ(unit.error().message(), row.message);
    EXPECT_EQ(unit.error().code(), Errc::BadConfig);
  }
}

TEST(SystemdUnit, APathForSystemdHasTwoColonsAndNoSlash) {
  EXPECT_TRUE(names_systemd_unit("system.slice:docker:1a"));
  EXPECT_TRUE(names_systemd_unit("::1a"));
  EXPECT_FALSE(names_systemd_unit("/system.slice:docker:1a"));
  EXPECT_FALSE(names_systemd_unit("a:b"));
  EXPECT_FALSE(names_systemd_unit("a:b:"));
  EXPECT_FALSE(names_systemd_unit(""));
}

TEST(SystemdUnit, TheUsersSystemdIsFoundInOurOwnCgroup) {
  EXPECT_EQ(user_manager_cgroup("/user.slice/user-7.slice/user@7.service/app.slice/x.scope"),
            "/user.slice/user-7.slice/user@7.service");
  EXPECT_EQ(user_manager_cgroup("/user.slice/user-7.slice/session-3.scope"), "");
  EXPECT_EQ(user_manager_cgroup(""), "");
}

}  // namespace
}  // namespace brig
