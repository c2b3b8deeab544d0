#include "base/suggest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace brig {
namespace {

const std::vector<std::string_view> kKnown = {"create", "start", "state", "delete", "features"};

TEST(EditDistance, CountsChangesAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("strat", "start"), 1U);
}

TEST(Nearest, CorrectsTypingErrors) {
  EXPECT_EQ(nearest("craete", kKnown), "create");
  EXPECT_EQ(nearest("delte", kKnown), "delete");
  EXPECT_EQ(nearest("deleted", kKnown), "delete");
}

TEST(Nearest, CompletesAUniqueBeginning) {
  EXPECT_EQ(nearest("feat", kKnown), "features");
  EXPECT_EQ(nearest("sta", kKnown), "");
}

TEST(Nearest, KeepsQuietAboutOtherWords) {
  EXPECT_EQ(nearest("", kKnown), "");
  EXPECT_EQ(nearest("x", kKnown), "");
  EXPECT_EQ(nearest("podman", kKnown), "");
  EXPECT_EQ(nearest(std::string(100'000, 'x'), kKnown), "");
}

}  // namespace
}  // namespace brig
