#include "spec/defaults.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "spec/faulty_config_test.h"
#include "spec/namespaces.h"

namespace brig::spec {
namespace {

Strings types_of(const std::vector<Namespace>& namespaces) {
  Strings types;
  for (const Namespace& ns : namespaces) types.push_back(ns.type + ns.path);
  return types;
}

TEST(ApplyDefaults, WithoutALinuxSectionTheContainerGetsNamespacesOfItsOwn) {
  Spec spec;
  Findings notes;
  apply_defaults(spec, nullptr, notes);
  EXPECT_EQ(types_of(spec.linux_->namespaces), (Strings{"pid", "mount", "uts", "ipc"}));
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_TRUE(notes[0].warning);
  EXPECT_EQ(notes[0].path, "linux");
  EXPECT_EQ(notes[0].what, "missing; using new pid, mount, uts and ipc namespaces");
  EXPECT_TRUE(spec.mounts.empty());
}

TEST(ApplyDefaults, ALinuxSectionMeansWhatItSays) {
  Spec spec{.linux_ = Linux{}};
  Findings notes;
  apply_defaults(spec, nullptr, notes);
  EXPECT_TRUE(spec.linux_->namespaces.empty());
  EXPECT_TRUE(notes.empty());
}

// The smallest bundle that people write, and the one with a terminal.
TEST(ApplyDefaults, TheConfigurationsOfNewcomersLoad) {
  const Outcome small = load(R"({
  "ociVersion": "1.0.0",
  "process": {"args": ["/bin/sh"], "user": {"uid": 0, "gid": 0}},
  "root": {"path": "rootfs"},
  "hostname": "my-container"
})");
  EXPECT_EQ(small.error, "");
  EXPECT_EQ(small.warnings,
            (std::vector<std::string>{"config.json:3:14: process.cwd: missing; using '/'",
                                      "config.json:1:1: linux: missing; using new pid, mount, uts "
                                      "and ipc namespaces"}));
  const Outcome terminal = load(R"({
  "ociVersion": "1.0.2",
  "process": {"terminal": true, "args": ["/bin/sh"]},
  "root": {"path": "rootfs", "readonly": true},
  "hostname": "my-container",
  "mounts": [],
  "linux": {"namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "ipc"},
                           {"type": "uts"}, {"type": "mount"}],
            "cgroupsPath": "/my-container-cgroup"}
})");
  EXPECT_EQ(terminal.error, "");
  EXPECT_EQ(terminal.warnings,
            std::vector<std::string>{"config.json:3:14: process.cwd: missing; using '/'"});
}

TEST(ApplyDefaults, WellKnownMountsWithoutOptionsGetThoseThatFit) {
  const struct {
    Mount mount;
    std::optional<Strings> options;
  } cases[] = {
      {{.destination = "/proc", .type = "proc"}, std::nullopt},
      {{.destination = "/dev", .type = "tmpfs"},
       Strings{"nosuid", "noexec", "strictatime", "mode=755"}},
      {{.destination = "/dev/pts", .type = "devpts"},
       Strings{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
      {{.destination = "/dev/shm", .type = "tmpfs"},
       Strings{"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}},
      {{.destination = "/dev/mqueue", .type = "mqueue"}, Strings{"nosuid", "noexec", "nodev"}},
      {{.destination = "/sys", .type = "sysfs"}, Strings{"nosuid", "noexec", "nodev"}},
      {{.destination = "/sys/fs/cgroup", .type = "cgroup2"},
       Strings{"nosuid", "noexec", "strictatime"}},
      {{.destination = "/dev", .type = "bind", .source = "/dev"}, std::nullopt},
      {{.destination = "/dev", .type = "tmpfs", .options = Strings{}}, Strings{}},
      {{.destination = "/tmp", .type = "tmpfs"}, std::nullopt},
  };
  for (const auto& test : cases) {
    Spec spec{.mounts = {test.mount}, .linux_ = Linux{}};
    Findings notes;
    apply_defaults(spec, nullptr, notes);
    EXPECT_EQ(spec.mounts[0].options, test.options) << test.mount.destination;
  }
}

TEST(ApplyDefaults, TheGroupOfTerminalsIsUsedOnlyWhereItIsMapped) {
  const auto has_gid = [](Linux section) {
    Spec spec{.mounts = {{.destination = "/dev/pts", .type = "devpts"}}, .linux_ = section};
    Findings notes;
    apply_defaults(spec, nullptr, notes);
    return std::ranges::count(*spec.mounts[0].options, "gid=5") == 1;
  };
  const std::vector<Namespace> user = {{.type = "user"}};
  EXPECT_TRUE(has_gid({}));
  EXPECT_TRUE(has_gid({.namespaces = user, .gid_mappings = {{0, 1000, 6}}}));
  EXPECT_FALSE(has_gid({.namespaces = user, .gid_mappings = {{0, 1000, 5}}}));
  EXPECT_FALSE(has_gid({.namespaces = user, .gid_mappings = {{6, 1000, 5}}}));
  EXPECT_FALSE(has_gid({.namespaces = {{.type = "user", .path = "/proc/1/ns/user"}}}));
}

const OwnIds kAlice{.uids = {{0, 1000, 1}}, .gids = {{0, 1001, 1}}};

TEST(ApplyDefaults, WithoutPrivilegeThereIsAUserNamespaceWithTheCallersIds) {
  Spec spec{.mounts = {{.destination = "/dev/pts",
                        .type = "devpts",
                        .options = Strings{"newinstance", "gid=5"}}},
            .linux_ = Linux{.namespaces = {{.type = "pid"}}}};
  Findings notes;
  apply_defaults(spec, &kAlice, notes);
  EXPECT_EQ(spec.linux_->namespaces.back().type, "user");
  EXPECT_EQ(spec.linux_->uid_mappings.at(0).host_id, 1000U);
  EXPECT_EQ(spec.linux_->gid_mappings.at(0).host_id, 1001U);
  EXPECT_EQ(spec.mounts[0].options, Strings{"newinstance"}) << "nobody could have mapped that";
}

TEST(ApplyDefaults, MapsThatAreThereAndNamespacesToJoinAreLeftAlone) {
  Spec mapped{.linux_ = Linux{.namespaces = {{.type = "user"}}, .gid_mappings = {{0, 7, 1}}}};
  Findings notes;
  apply_defaults(mapped, &kAlice, notes);
  EXPECT_TRUE(mapped.linux_->uid_mappings.empty()) << "half a map is the configuration's mistake";
  Spec joined{.linux_ = Linux{.namespaces = {{.type = "user", .path = "/proc/7/ns/user"}}}};
  apply_defaults(joined, &kAlice, notes);
  EXPECT_EQ(joined.linux_->namespaces.size(), 1U);
  EXPECT_TRUE(joined.linux_->gid_mappings.empty());
  EXPECT_TRUE(notes.empty());
}

}  // namespace
}  // namespace brig::spec
