#include "cli/paths.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace brig::cli {
namespace {

TEST(CleanPath, ResolvesDotsInTheText) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"/", "/"},
      {"//", "/"},
      {"/.", "/"},
      {"/..", "/"},
      {"/../../a", "/a"},
      {"/a/..", "/"},
      {"/a/../..", "/"},
      {"/a/./b//c/", "/a/b/c"},
      {"/a/b/../c", "/a/c"},
      {"/a..b", "/a..b"},
      {"/run/brig", "/run/brig"},
  };
  for (const auto& [path, clean] : cases) EXPECT_EQ(clean_path(path), clean) << path;
}

TEST(FromWorkingDirectory, LeavesAnAbsolutePathAlone) {
  EXPECT_EQ(*from_working_directory("/a/../b"), "/a/../b");
}

TEST(FromWorkingDirectory, MakesARelativePathAbsolute) {
  const Result<std::string> path = from_working_directory("a");
  ASSERT_TRUE(path);
  EXPECT_TRUE(path->starts_with('/'));
  EXPECT_TRUE(path->ends_with("/a"));
}

}  // namespace
}  // namespace brig::cli
