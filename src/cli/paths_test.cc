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

}  // namespace
}  // namespace brig::cli
