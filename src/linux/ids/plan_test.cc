#include "linux/ids/plan.h"

#include <gtest/gtest.h>

#include "spec/types.h"

namespace brig {
namespace {

TEST(PlanIds, KeepsTheRangesInTheirOrder) {
  const spec::Linux section{
      .uid_mappings = {{.container_id = 1, .host_id = 100'000, .size = 65'535},
                       {.container_id = 0, .host_id = 1000, .size = 1}},
      .gid_mappings = {{.container_id = 0, .host_id = 1001, .size = 1}}};
  const Result<IdPlan> plan = plan_ids(section, {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->uids, (std::vector<IdRange>{{1, 100'000, 65'535}, {0, 1000, 1}}));
  EXPECT_EQ(plan->gids, (std::vector<IdRange>{{0, 1001, 1}}));
  EXPECT_EQ(plan_ids(spec::Linux{}, {}).value_or(IdPlan{.deny_setgroups = true}), IdPlan{});
}

IdFacts alice() {
  return {.uid = 1000,
          .gid = 1001,
          .may_map_any_uid = false,
          .may_map_any_gid = false,
          .newuidmap = "/usr/bin/newuidmap",
          .newgidmap = "/usr/bin/newgidmap"};
}

spec::Linux mapping(std::uint32_t uid, std::uint32_t gid, std::uint32_t size) {
  return {.uid_mappings = {{.container_id = 0, .host_id = uid, .size = size}},
          .gid_mappings = {{.container_id = 0, .host_id = gid, .size = size}}};
}

TEST(PlanIds, WithoutPrivilegeTheOwnIdsAreMappedAtThePriceOfSetgroups) {
  const Result<IdPlan> plan = plan_ids(mapping(1000, 1001, 1), alice());
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->deny_setgroups);
  EXPECT_EQ(plan->uid_helper + plan->gid_helper, "");
}

TEST(PlanIds, WithoutPrivilegeOtherIdsAreMappedByTheHelpers) {
  for (const spec::Linux& other :
       {mapping(1000, 1001, 2), mapping(100'000, 100'000, 1), mapping(1001, 1000, 1)}) {
    const Result<IdPlan> plan = plan_ids(other, alice());
    ASSERT_TRUE(plan);
    EXPECT_FALSE(plan->deny_setgroups);
    EXPECT_EQ(plan->uid_helper, "/usr/bin/newuidmap");
    EXPECT_EQ(plan->gid_helper, "/usr/bin/newgidmap");
  }
}

TEST(PlanIds, AHelperThatIsMissingIsNamed) {
  IdFacts facts = alice();
  facts.newgidmap.clear();
  EXPECT_EQ(plan_ids(mapping(1000, 5, 1), facts).error().message(),
            "linux.gidMappings: to map other ids than your own takes newgidmap, which is not "
            "installed (on Debian: apt install uidmap)");
  facts.newuidmap.clear();
  EXPECT_EQ(plan_ids(mapping(5, 5, 1), facts).error().message(),
            "linux.uidMappings: to map other ids than your own takes newuidmap, which is not "
            "installed (on Debian: apt install uidmap)");
  EXPECT_TRUE(plan_ids(mapping(1000, 1001, 1), facts)) << "nobody helps with the own ids";
}

TEST(MapText, IsOneLineARange) {
  EXPECT_EQ(map_text({{0, 1000, 1}, {1, 100'000, 65'535}}), "0 1000 1\n1 100000 65535\n");
  EXPECT_EQ(map_text({}), "");
  EXPECT_EQ(map_text({{4'294'967'294, 0, 1}}), "4294967294 0 1\n");
}

TEST(IsMapped, OnlyInsideARange) {
  const std::vector<IdRange> ranges = {{0, 1000, 1}, {10, 2000, 5}};
  for (const std::uint32_t id : {0U, 10U, 14U}) EXPECT_TRUE(is_mapped(ranges, id)) << id;
  for (const std::uint32_t id : {1U, 9U, 15U, ~0U}) EXPECT_FALSE(is_mapped(ranges, id)) << id;
  EXPECT_FALSE(is_mapped({}, 0));
}

// 4294967295 + 1 is 0 in 32 bits.
TEST(IsMapped, ARangeUpToTheLastIdDoesNotWrapAround) {
  const std::vector<IdRange> ranges = {{1, 1, 4'294'967'295U}};
  EXPECT_TRUE(is_mapped(ranges, 4'294'967'295U));
  EXPECT_FALSE(is_mapped(ranges, 0));
}

}  // namespace
}  // namespace brig
