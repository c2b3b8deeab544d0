#include <gtest/gtest.h>

#include "spec/load.h"

namespace brig::spec {
namespace {

std::vector<std::string> warnings_of(std::string_view text) {
  const Result<Examined> found =
      examine_spec({.name = "config.json", .bytes = text}, nullptr, UnknownMembers::Warned);
  EXPECT_TRUE(found) << found.error().message();
  std::vector<std::string> lines;
  if (!found) return lines;
  for (const Finding& finding : found->findings)
    if (finding.warning)
      lines.push_back(cat(finding.path, ": ", finding.what, finding.remedy.empty() ? "" : "; ",
                          finding.remedy));
  return lines;
}

// Around a process and a linux section.
std::string config(std::string_view process, std::string_view section) {
  return cat(R"({"ociVersion": "1.2.0", "root": {"path": "rootfs"}, "process": {"cwd": "/",
              "args": ["sh"])",
             process, R"(}, "linux": {"namespaces": [{"type": "mount"}])", section, "}}");
}

using Lines = std::vector<std::string>;

TEST(UnknownMembers, NothingIsSaidOfWhatIsKnown) {
  EXPECT_EQ(warnings_of(config("", "")), Lines());
}

TEST(UnknownMembers, TheNearestKnownOneIsSuggested) {
  EXPECT_EQ(warnings_of(config(R"(, "oomScoreAdjust": 1)", "")),
            Lines{"process.oomScoreAdjust: unknown member; ignored; did you mean 'oomScoreAdj'?"});
}

TEST(UnknownMembers, RuncTakesAnyCaseAndBrigDoesNot) {
  EXPECT_EQ(warnings_of(config(R"(, "nonewprivileges": true)", "")),
            Lines{"process.nonewprivileges: unknown member; ignored; did you mean "
                  "'noNewPrivileges'?"});
}

TEST(UnknownMembers, AreFoundInListsAndBelow) {
  EXPECT_EQ(warnings_of(config("", R"(, "resources": {"memory": {"limits": 1}, "quux": {"a": 1}},
                                 "devices": [{"type": "p", "path": "/dev/x", "mode": 1}])")),
            (Lines{"linux.devices[0].mode: unknown member; ignored",
                   "linux.resources.memory.limits: unknown member; ignored; did you mean 'limit'?",
                   "linux.resources.quux: unknown member; ignored"}));
}

TEST(UnknownMembers, NamesThatTheUserChoosesAreNone) {
  EXPECT_EQ(
      warnings_of(config(
          "", R"(, "resources": {"unified": {"memory.oom.group": "1"}, "rdma": {"mlx": {}}})")),
      Lines());
}

TEST(UnknownMembers, ASectionForAnotherPlatformIsCalledThat) {
  const std::string text = cat(R"({"windows": {"layerFolders": []}, )", config("", "").substr(1));
  EXPECT_EQ(warnings_of(text), Lines{"windows: is for another platform; ignored"});
}

TEST(UnknownMembers, OnlyWhoAsksHearsOfThem) {
  std::vector<std::string> warnings;
  const std::string text = config(R"(, "quux": 1)", "");
  EXPECT_TRUE(load_spec({.name = "config.json", .bytes = text}, warnings));
  EXPECT_EQ(warnings, Lines());
}

}  // namespace
}  // namespace brig::spec
