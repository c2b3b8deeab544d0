#include "spec/default_spec.h"

#include <gtest/gtest.h>

#include "spec/faulty_config_test.h"
#include "spec/namespaces.h"

namespace brig::spec {
namespace {

Spec loaded(const DefaultSpecOptions& options) {
  std::vector<std::string> warnings;
  Result<Spec> spec = load_spec({"config.json", default_spec_json(options)}, warnings);
  EXPECT_TRUE(spec) << (spec ? "" : spec.error().message());
  EXPECT_EQ(warnings, std::vector<std::string>{});
  return spec ? *std::move(spec) : Spec{};
}

Strings namespaces_of(const Spec& spec) {
  Strings types;
  for (const Namespace& ns : spec.linux_->namespaces) types.push_back(ns.type);
  return types;
}

TEST(DefaultSpec, IsAValidConfigurationForEveryCaller) {
  for (const bool rootless : {false, true})
    for (const bool cgroup2 : {false, true})
      loaded({.rootless = rootless, .cgroup2 = cgroup2, .uid = 1000, .gid = 1000});
}

TEST(DefaultSpec, IsAShellInAnOrdinaryContainer) {
  const Spec spec = loaded({});
  EXPECT_EQ(spec.oci_version, "1.3.0");
  EXPECT_TRUE(spec.process->terminal);
  EXPECT_EQ(spec.process->args, Strings{"sh"});
  EXPECT_EQ(
      spec.process->env,
      (Strings{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"}));
  EXPECT_TRUE(spec.process->no_new_privileges);
  const Strings capabilities = {"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"};
  EXPECT_EQ(spec.process->capabilities->bounding, capabilities);
  EXPECT_EQ(spec.process->capabilities->effective, capabilities);
  EXPECT_EQ(spec.process->capabilities->permitted, capabilities);
  EXPECT_TRUE(spec.process->capabilities->inheritable.empty());
  EXPECT_TRUE(spec.process->capabilities->ambient.empty());
  EXPECT_EQ(spec.process->rlimits.at(0).hard, 1024u);
  EXPECT_TRUE(spec.root->readonly);
  EXPECT_EQ(spec.hostname, "brig");
  EXPECT_EQ(spec.mounts.size(), 7u);
  EXPECT_EQ(spec.mounts[0].options, std::nullopt);
  EXPECT_EQ(spec.mounts[5].options, (Strings{"nosuid", "noexec", "nodev", "ro"}));
  EXPECT_FALSE(spec.linux_->resources.devices.at(0).allow);
  EXPECT_EQ(spec.linux_->masked_paths.size(), 11U);
  EXPECT_EQ(spec.linux_->readonly_paths.size(), 5u);
  EXPECT_EQ(namespaces_of(spec), (Strings{"pid", "network", "ipc", "uts", "mount", "cgroup"}));
  EXPECT_EQ(namespaces_of(loaded({.cgroup2 = false})),
            (Strings{"pid", "network", "ipc", "uts", "mount"}));
}

TEST(DefaultSpec, RootlessMapsOnlyTheCaller) {
  const Spec spec = loaded({.rootless = true, .uid = 1000, .gid = 100});
  EXPECT_EQ(namespaces_of(spec), (Strings{"pid", "ipc", "uts", "mount", "cgroup", "user"}));
  EXPECT_EQ(spec.linux_->uid_mappings, (std::vector<IdMapping>{{0, 1000, 1}}));
  EXPECT_EQ(spec.linux_->gid_mappings, (std::vector<IdMapping>{{0, 100, 1}}));
  EXPECT_TRUE(spec.linux_->resources.devices.empty());
  EXPECT_EQ(spec.mounts[2].options,
            (Strings{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}));
  EXPECT_EQ(spec.mounts[5].type, "none");
  EXPECT_EQ(spec.mounts[5].source, "/sys");
  EXPECT_EQ(spec.mounts[5].options, (Strings{"rbind", "nosuid", "noexec", "nodev", "ro"}));
}

TEST(DefaultSpec, IsIndentedWithTabs) {
  const std::string json = default_spec_json({});
  EXPECT_TRUE(json.starts_with("{\n\t\"ociVersion\": \"1.3.0\",\n\t\"process\": {\n\t\t\"term"));
  EXPECT_TRUE(json.ends_with("\n\t}\n}\n"));
}

}  // namespace
}  // namespace brig::spec
