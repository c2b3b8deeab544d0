#include "linux/container_path.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

TEST(CleanPath, IsAbsoluteWithoutEmptyOrDotComponents) {
  EXPECT_EQ(clean_path("/a/b"), "/a/b");
  EXPECT_EQ(clean_path("a/b"), "/a/b");
  EXPECT_EQ(clean_path("//a///b//"), "/a/b");
  EXPECT_EQ(clean_path("/./a/./b/."), "/a/b");
  EXPECT_EQ(clean_path(""), "/");
  EXPECT_EQ(clean_path("/"), "/");
  EXPECT_EQ(clean_path("."), "/");
}

TEST(CleanPath, DotDotNeverLeadsAboveTheRoot) {
  EXPECT_EQ(clean_path("/a/../b"), "/b");
  EXPECT_EQ(clean_path("/a/b/../../c"), "/c");
  EXPECT_EQ(clean_path("/.."), "/");
  EXPECT_EQ(clean_path("../../etc"), "/etc");
  EXPECT_EQ(clean_path("/a/../../../b"), "/b");
  EXPECT_EQ(clean_path("/a/.."), "/");
}

TEST(CleanPath, NamesThatOnlyLookLikeDotsStay) {
  EXPECT_EQ(clean_path("/...//.a/..b/ "), "/.../.a/..b/ ");
}

TEST(CleanPath, OfACleanPathIsTheSame) {
  for (const char* path : {"/", "/a", "/a/b", "/proc/sys/kernel"})
    EXPECT_EQ(clean_path(clean_path(path)), path);
}

TEST(IsWithin, ThePathItselfAndWhatIsBelow) {
  EXPECT_TRUE(is_within("/proc", "/proc"));
  EXPECT_TRUE(is_within("/proc/sys", "/proc"));
  EXPECT_TRUE(is_within("/anything", "/"));
  EXPECT_TRUE(is_within("/", "/"));
}

TEST(IsWithin, NotWhatOnlyBeginsWithTheSameLetters) {
  EXPECT_FALSE(is_within("/process", "/proc"));
  EXPECT_FALSE(is_within("/", "/proc"));
  EXPECT_FALSE(is_within("/a/proc", "/proc"));
}

}  // namespace
}  // namespace brig
