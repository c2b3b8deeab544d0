#include "runtime/saved_resources.h"

#include <gtest/gtest.h>

namespace brig::runtime {
namespace {

TEST(SavedResources, AreReplacedAndAllElseStays) {
  spec::Resources resources;
  resources.pids_limit = 7;
  const Result<std::string> changed = with_resources(
      R"({"x": 1.50, "linux": {"resources": {"cpu": {"shares": 9}}, "y": [null]}, "z": "é"})",
      resources);
  ASSERT_TRUE(changed);
  EXPECT_EQ(*changed,
            R"({"x":1.50,"linux":{"resources":{"pids":{"limit":7}},"y":[null]},"z":"é"})");
}

TEST(SavedResources, AreAddedWhereThereWereNone) {
  for (const char* config : {"{}", R"({"linux":{}})", R"({"linux":null})"}) {
    const Result<std::string> changed = with_resources(config, {});
    ASSERT_TRUE(changed) << config;
    EXPECT_EQ(*changed, R"({"linux":{"resources":{}}})") << config;
  }
}

}  // namespace
}  // namespace brig::runtime
