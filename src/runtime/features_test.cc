#include "runtime/features.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "runtime/version.h"

namespace brig::runtime {
namespace {

json::Node document() {
  Result<json::Node> parsed = json::parse(features_json());
  EXPECT_TRUE(parsed);
  return parsed ? *std::move(parsed) : json::Node();
}

// "linux.cgroup.v2"
const json::Node& at(const json::Node& root, std::string_view path) {
  static const json::Node kMissing;
  const json::Node* node = &root;
  while (!path.empty() && node != nullptr) {
    const std::size_t end = std::min(path.find('.'), path.size());
    node = node->find(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return node == nullptr ? kMissing : *node;
}

std::vector<std::string> strings(const json::Node& array) {
  std::vector<std::string> out;
  for (const json::Node& item : array.items) out.push_back(item.text);
  return out;
}

bool contains(const json::Node& array, std::string_view text) {
  return std::ranges::find(array.items, text, &json::Node::text) != array.items.end();
}

TEST(Features, NamesTheVersionsOfTheSpecification) {
  const json::Node root = document();
  EXPECT_EQ(at(root, "ociVersionMin").text, "1.0.0");
  EXPECT_EQ(at(root, "ociVersionMax").text, kSpecVersion);
}

TEST(Features, HasSixHooksAndEightNamespaces) {
  const json::Node root = document();
  EXPECT_EQ(strings(at(root, "hooks")),
            (std::vector<std::string>{"prestart", "createRuntime", "createContainer",
                                      "startContainer", "poststart", "poststop"}));
  EXPECT_EQ(strings(at(root, "linux.namespaces")),
            (std::vector<std::string>{"cgroup", "ipc", "mount", "network", "pid", "time", "user",
                                      "uts"}));
}

TEST(Features, ListsAreSortedAndNotEmpty) {
  const json::Node root = document();
  for (const std::string_view path :
       {"mountOptions", "linux.seccomp.actions", "linux.seccomp.operators", "linux.seccomp.archs",
        "linux.seccomp.knownFlags", "linux.seccomp.supportedFlags"}) {
    const std::vector<std::string> names = strings(at(root, path));
    EXPECT_FALSE(names.empty()) << path;
    EXPECT_TRUE(std::ranges::is_sorted(names)) << path;
    EXPECT_EQ(std::ranges::adjacent_find(names), names.end()) << path;
  }
}

// containerd, CRI-O and Docker look for these.
TEST(Features, HasWhatEnginesCheck) {
  const json::Node root = document();
  EXPECT_TRUE(contains(at(root, "mountOptions"), "rro"));
  EXPECT_TRUE(contains(at(root, "linux.namespaces"), "user"));
  EXPECT_EQ(at(root, "linux.mountExtensions.idmap.enabled").kind, json::Kind::Bool);
  EXPECT_TRUE(contains(at(root, "linux.seccomp.actions"), "SCMP_ACT_ERRNO"));
  EXPECT_TRUE(contains(at(root, "linux.capabilities"), "CAP_CHOWN"));
}

TEST(Features, ClaimsNothingThatIsMissing) {
  const json::Node root = document();
  EXPECT_TRUE(at(root, "linux.cgroup.v1").boolean);
  EXPECT_TRUE(at(root, "linux.cgroup.v2").boolean);
  EXPECT_TRUE(at(root, "linux.seccomp.enabled").boolean);
  for (const std::string_view path : {"linux.intelRdt.enabled", "linux.intelRdt.schemata",
                                      "linux.intelRdt.monitoring", "linux.netDevices.enabled"})
    EXPECT_TRUE(at(root, path).boolean) << path;
  EXPECT_TRUE(contains(at(root, "linux.memoryPolicy.modes"), "MPOL_WEIGHTED_INTERLEAVE"));
  EXPECT_TRUE(contains(at(root, "linux.memoryPolicy.flags"), "MPOL_F_NUMA_BALANCING"));
}

TEST(Features, SaysWhichBuildItIs) {
  const json::Node root = document();
  const json::Node& annotations = at(root, "annotations");
  ASSERT_NE(annotations.find("brig.version"), nullptr);
  EXPECT_EQ(annotations.find("brig.version")->text, version());
  ASSERT_NE(annotations.find("io.github.seccomp.libseccomp.version"), nullptr);
  EXPECT_EQ(annotations.find("io.github.seccomp.libseccomp.version")->text, libseccomp_version());
}

TEST(Features, AreIndentedByFour) {
  const std::string text = features_json();
  EXPECT_TRUE(text.starts_with("{\n    \"ociVersionMin\": \"1.0.0\",\n"));
  EXPECT_TRUE(text.ends_with("\n}"));
}

}  // namespace
}  // namespace brig::runtime
