#include "linux/mount/ids/plan.h"

#include <gtest/gtest.h>

#include "spec/types.h"

namespace brig {
namespace {

const spec::Linux kMapped{.namespaces = {{.type = "user"}},
                          .uid_mappings = {{0, 100'000, 1000}},
                          .gid_mappings = {{0, 200'000, 1000}}};
const spec::Mount kOwnMaps{.uid_mappings = {{0, 5000, 10}}, .gid_mappings = {{0, 6000, 10}}};

Result<std::optional<MountIds>> plan_of(const spec::Mount& mount, const spec::Linux& section,
                                        const std::optional<IdMapOption>& option) {
  return plan_mount_ids(mount, section, option, "mounts[3]");
}

MountIds planned(const spec::Mount& mount, const spec::Linux& section,
                 const std::optional<IdMapOption>& option) {
  const Result<std::optional<MountIds>> ids = plan_of(mount, section, option);
  EXPECT_TRUE(ids && *ids);
  return ids && *ids ? **ids : MountIds{};
}

TEST(PlanMountIds, NobodyAskedForAny) {
  const Result<std::optional<MountIds>> ids = plan_of({}, kMapped, std::nullopt);
  ASSERT_TRUE(ids);
  EXPECT_FALSE(*ids);
}

TEST(PlanMountIds, TheMountsOwnMapsComeBeforeThoseOfTheContainer) {
  const MountIds own{.uids = {{0, 5000, 10}}, .gids = {{0, 6000, 10}}};
  EXPECT_EQ(planned(kOwnMaps, kMapped, IdMapOption{}), own);
  EXPECT_EQ(planned(kOwnMaps, {}, std::nullopt), own) << "the maps alone say so too";
  const MountIds of_container{.uids = {{0, 100'000, 1000}}, .gids = {{0, 200'000, 1000}}};
  EXPECT_EQ(planned({}, kMapped, IdMapOption{}), of_container);
  EXPECT_TRUE(planned({}, kMapped, IdMapOption{.recursive = true}).recursive);
}

TEST(PlanMountIds, OfANamespaceToJoinNobodyKnowsTheMaps) {
  const spec::Linux joins{.namespaces = {{.type = "user", .path = "/proc/7/ns/user"}}};
  EXPECT_TRUE(planned({}, joins, IdMapOption{}).of_joined_namespace);
}

TEST(PlanMountIds, TheOptionsOwnMapsComeFirst) {
  const MountIds ids =
      planned(kOwnMaps, kMapped, IdMapOption{.maps = "uids=0-7-1#1-9-2;gids=@5-10-3"});
  EXPECT_EQ(ids.uids, (std::vector<IdRange>{{0, 7, 1}, {1, 9, 2}}));
  EXPECT_EQ(ids.gids, (std::vector<IdRange>{{5, 200'010, 3}})) << "@: an id of the container's";
}

TEST(PlanMountIds, ARelativeRangeIsNotTornApart) {
  const auto refusal = [](std::string_view maps) {
    return plan_of({}, kMapped, IdMapOption{.maps = maps}).error().message();
  };
  EXPECT_EQ(refusal("uids=@0-995-6;gids=0-0-1"),
            "mounts[3].options: idmap: '@0-995-6' is not in one range of the container's map");
  EXPECT_EQ(refusal("uids=0-1-4294967296;gids=0-0-1"),
            "mounts[3].options: idmap: '0-1-4294967296' is not a range such as 0-1000-1");
  EXPECT_EQ(refusal("gids=0-0-1"),
            "mounts[3].options: idmap: uids=... and gids=... are both needed");
}

}  // namespace
}  // namespace brig
