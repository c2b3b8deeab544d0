#include "cli/output.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace brig::cli {
namespace {

using runtime::ContainerState;
using runtime::Status;

ContainerState web() {
  return {.oci_version = "1.3.0",
          .id = "web",
          .status = Status::Running,
          .pid = 4711,
          .bundle = "/b",
          .rootfs = "/b/rootfs",
          .created = "2026-01-02T03:04:05.123456789Z",
          .owner = "root",
          .annotations = {{"a", "1"}, {"b", "\"2\""}}};
}

ContainerState bare() {
  return {.oci_version = "1.0.2",
          .id = "bare",
          .status = Status::Stopped,
          .pid = 0,
          .bundle = "/x",
          .rootfs = {},
          .created = {},
          .owner = {},
          .annotations = {}};
}

TEST(StateJson, HasTheKeysOfRuncInItsOrder) {
  EXPECT_EQ(state_json(web()), R"({
  "ociVersion": "1.3.0",
  "id": "web",
  "pid": 4711,
  "status": "running",
  "bundle": "/b",
  "rootfs": "/b/rootfs",
  "created": "2026-01-02T03:04:05.123456789Z",
  "annotations": {
    "a": "1",
    "b": "\"2\""
  },
  "owner": "root"
}
)");
}

TEST(StateJson, LeavesOutWhatIsEmpty) {
  EXPECT_EQ(state_json(bare()), R"({
  "ociVersion": "1.0.2",
  "id": "bare",
  "pid": 0,
  "status": "stopped",
  "bundle": "/x"
}
)");
}

TEST(ListJson, IsOneLine) {
  EXPECT_EQ(list_json(std::vector{bare(), bare()}),
            R"([{"ociVersion":"1.0.2","id":"bare","pid":0,"status":"stopped","bundle":"/x"},)"
            R"({"ociVersion":"1.0.2","id":"bare","pid":0,"status":"stopped","bundle":"/x"}])"
            "\n");
}

TEST(ListJson, IsNullWithoutContainers) {
  EXPECT_EQ(list_json({}), "null\n");
}

TEST(ListTable, ColumnsAreAtLeastTwelveWide) {
  EXPECT_EQ(list_table({}), "ID          PID         STATUS      BUNDLE      CREATED     OWNER\n");
  EXPECT_EQ(list_table(std::vector{bare()}),
            "ID          PID         STATUS      BUNDLE      CREATED     OWNER\n"
            "bare        0           stopped     /x                      \n");
}

TEST(ListTable, ThreeBlanksFollowTheLongestCell) {
  EXPECT_EQ(
      list_table(std::vector{bare(), web()}),
      "ID          PID         STATUS      BUNDLE      CREATED                          OWNER\n"
      "bare        0           stopped     /x                                           \n"
      "web         4711        running     /b          2026-01-02T03:04:05.123456789Z   root\n");
}

TEST(ListTable, CharactersCountNotBytes) {
  ContainerState state = bare();
  state.bundle = "/\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc";
  state.owner = "o";
  EXPECT_TRUE(list_table(std::vector{state}).ends_with(state.bundle + "               o\n"))
      << list_table(std::vector{state});
}

TEST(VersionText, HasTheWordVersionInOneLineOnly) {
  const std::string text = version_text();
  EXPECT_TRUE(text.starts_with("brig version " BRIG_VERSION "\ncommit: ")) << text;
  EXPECT_EQ(text.find("version"), text.rfind("version"));
  EXPECT_NE(text.find("\nspec: 1.3.0\n"), std::string::npos);
  EXPECT_NE(text.find("\nlibseccomp: 2."), std::string::npos);
  EXPECT_EQ(std::ranges::count(text, '\n'), 4);
}

TEST(Output, ProcessIdsAreAListThatMayBeEmpty) {
  constexpr pid_t kPids[] = {1, 42};
  EXPECT_EQ(process_ids_json(kPids), "[1,42]\n");
  EXPECT_EQ(process_ids_json({}), "[]\n");
}

}  // namespace
}  // namespace brig::cli
