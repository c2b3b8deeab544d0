#include "linux/ids/own_ids.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

OwnIdFacts alice() {
  return {.uid = 1000, .gid = 1001, .user_name = "alice", .subuid = "", .subgid = ""};
}

const std::vector<IdRange> kAlone = {{0, 1000, 1}};

TEST(PlanOwnIds, WithoutSubordinateIdsThereIsRootAlone) {
  const OwnIds ids = plan_own_ids(alice());
  EXPECT_EQ(ids.uids, kAlone);
  EXPECT_EQ(ids.gids, (std::vector<IdRange>{{0, 1001, 1}}));
}

TEST(PlanOwnIds, SubordinateIdsFollowRootInTheirOrder) {
  OwnIdFacts facts = alice();
  facts.subuid = "bob:1:2\nalice:100000:65536\n1000:300000:10\n";
  facts.subgid = "alice:200000:5";
  const OwnIds ids = plan_own_ids(facts);
  EXPECT_EQ(ids.uids,
            (std::vector<IdRange>{{0, 1000, 1}, {1, 100'000, 65'536}, {65'537, 300'000, 10}}));
  EXPECT_EQ(ids.gids, (std::vector<IdRange>{{0, 1001, 1}, {1, 200'000, 5}}));
}

TEST(PlanOwnIds, UsersWithoutGroupsAreNoUse) {
  OwnIdFacts facts = alice();
  facts.subuid = "alice:100000:65536\n";
  EXPECT_EQ(plan_own_ids(facts).uids, kAlone);
}

TEST(PlanOwnIds, WhatIsOddIsNoLine) {
  OwnIdFacts facts = alice();
  facts.subgid = "alice:200000:5\n";
  for (const char* line : {"alice", "alice:", "alice:1", "alice:1:0", "alice:x:5", "alice:1:5x",
                           "alice:-1:5", ":1:5", "alice:4294967296:1", "", "\n\n#alice:1:5"}) {
    facts.subuid = line;
    EXPECT_EQ(plan_own_ids(facts).uids, kAlone) << line;
  }
  facts.subuid = "alice:1:4294967295\nalice:7:3\n";  // the first reaches beyond the last id
  EXPECT_EQ(plan_own_ids(facts).uids, (std::vector<IdRange>{{0, 1000, 1}, {1, 7, 3}}));
}

TEST(PlanOwnIds, AUserWithoutANameHasItsNumber) {
  OwnIdFacts facts = alice();
  facts.user_name.clear();
  facts.subuid = facts.subgid = ":5:5\n1000:7:3\n";
  EXPECT_EQ(plan_own_ids(facts).uids, (std::vector<IdRange>{{0, 1000, 1}, {1, 7, 3}}));
}

}  // namespace
}  // namespace brig
