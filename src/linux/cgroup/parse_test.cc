#include "linux/cgroup/parse.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

TEST(CgroupParse, SplitKeepsEmptyPartsAndHasNoneOfAnEmptyText) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_TRUE(split("", ',').empty());
}

TEST(CgroupParse, WordsAreSeparatedByAnyBlanks) {
  EXPECT_EQ(words_of(" cpuset cpu\tio\n"), (std::vector<std::string>{"cpuset", "cpu", "io"}));
  EXPECT_TRUE(words_of("\n").empty());
}

TEST(CgroupParse, MountPathsHaveOctalEscapes) {
  EXPECT_EQ(unescape_mount_path(R"(/a\040b\134c)"), R"(/a b\c)");
  EXPECT_EQ(unescape_mount_path(R"(/a\04)"), R"(/a\04)");
  EXPECT_EQ(unescape_mount_path(R"(\\040)"), R"(\ )");
}

TEST(CgroupParse, ProcessesOfOtherPidNamespacesAreLeftOut) {
  EXPECT_EQ(pids_of("1\n0\n4711\n"), (std::vector<pid_t>{1, 4711}));
  EXPECT_TRUE(pids_of("").empty());
  EXPECT_TRUE(pids_of("12a\n").empty());
}

TEST(CgroupParse, EventsAreFoundByTheirWholeName) {
  EXPECT_EQ(event_value("populated 1\nfrozen 0\n", "populated"), 1);
  EXPECT_EQ(event_value("populated 1\nfrozen 0\n", "frozen"), 0);
  EXPECT_EQ(event_value("populated 1\n", "pop"), std::nullopt);
  EXPECT_EQ(event_value("", "frozen"), std::nullopt);
}

}  // namespace
}  // namespace brig
