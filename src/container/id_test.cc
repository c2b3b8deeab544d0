#include "container/id.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

TEST(ContainerId, TakesWhatEnginesUse) {
  for (const char* id :
       {"web", "a", "0", "_x", "+x", "-x", "node.user.1.0.0", "buildah-buildah123456789",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"})
    EXPECT_TRUE(validate_id(id)) << id;
  EXPECT_TRUE(validate_id(std::string(255, 'a')));
}

TEST(ContainerId, RefusesWhatCouldLeaveTheStateRoot) {
  for (const char* id : {"../x", "a/b", ".", "..", ".hidden", "a b", "a\nb", "a:b", "ä"})
    EXPECT_FALSE(validate_id(id)) << id;
  EXPECT_FALSE(validate_id(""));
  EXPECT_FALSE(validate_id(std::string(256, 'a')));
  EXPECT_FALSE(validate_id(std::string_view("a\0b", 3)));
}

TEST(ContainerId, SaysWhatIsWrong) {
  EXPECT_EQ(validate_id("").error().message(), "container id cannot be empty");
  EXPECT_EQ(validate_id("../x").error().message(),
            "invalid container id format: '../x': use letters, digits and _ + - . and do not "
            "start with a dot");
  EXPECT_EQ(validate_id(std::string(2000, 'a')).error().message(),
            "invalid container id format: 2000 bytes long, at most 255 are allowed");
}

TEST(ContainerId, PickedIdsAreValidAndDiffer) {
  const Result<std::string> first = pick_id(), second = pick_id();
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(validate_id(*first));
  EXPECT_NE(*first, *second);
}

}  // namespace
}  // namespace brig
