#include "linux/cgroup/ownership/plan.h"

#include <gtest/gtest.h>

#include "spec/types.h"

namespace brig {
namespace {

// A container whose user may manage the cgroup: each test takes one of the reasons away.
spec::Spec managing_spec() {
  spec::Spec spec;
  spec.process.emplace();
  spec.linux_.emplace();
  spec.linux_->namespaces = {{.type = "cgroup"}, {.type = "user"}};
  spec.linux_->uid_mappings = {{.container_id = 0, .host_id = 100000, .size = 1000},
                               {.container_id = 5000, .host_id = 7000, .size = 10}};
  spec.mounts = {{.destination = "/sys/fs/cgroup", .type = "cgroup", .source = "cgroup"}};
  return spec;
}

std::optional<uid_t> owner_of(const spec::Spec& spec) {
  return plan_cgroup_owner(spec, CgroupMode::V2);
}

TEST(PlanCgroupOwner, IsTheUserOfTheProcessByTheMapsOfItsNamespace) {
  spec::Spec spec = managing_spec();
  EXPECT_EQ(owner_of(spec), 100000u);
  for (const auto& [uid, host] : {std::pair{999u, 100999u}, {5000u, 7000u}, {5009u, 7009u}}) {
    spec.process->user.uid = uid;
    EXPECT_EQ(owner_of(spec), host) << uid;
  }
  for (const std::uint32_t unmapped : {1000u, 4999u, 5010u}) {
    spec.process->user.uid = unmapped;
    EXPECT_EQ(owner_of(spec), std::nullopt) << unmapped;
  }
}

TEST(PlanCgroupOwner, WithoutAUserNamespaceIsTheUserAsTheHostKnowsIt) {
  spec::Spec spec = managing_spec();
  spec.linux_->namespaces = {{.type = "cgroup"}};
  spec.process->user.uid = 1000;
  EXPECT_EQ(owner_of(spec), 1000u);
}

TEST(PlanCgroupOwner, NeedsNoChangeForTheHostsRoot) {
  spec::Spec spec = managing_spec();
  spec.linux_->namespaces = {{.type = "cgroup"}};
  EXPECT_EQ(owner_of(spec), std::nullopt);
}

TEST(PlanCgroupOwner, IsUnknownInAJoinedUserNamespace) {
  spec::Spec spec = managing_spec();
  spec.linux_->namespaces[1].path = "/proc/7/ns/user";
  EXPECT_EQ(owner_of(spec), std::nullopt);
}

TEST(PlanCgroupOwner, StaysOursOnV1) {
  const spec::Spec spec = managing_spec();
  for (const CgroupMode mode : {CgroupMode::None, CgroupMode::V1, CgroupMode::Hybrid})
    EXPECT_EQ(plan_cgroup_owner(spec, mode), std::nullopt) << name_of(mode);
}

TEST(PlanCgroupOwner, StaysOursWithoutANewCgroupNamespace) {
  spec::Spec spec = managing_spec();
  spec.linux_->namespaces = {{.type = "cgroup", .path = "/proc/7/ns/cgroup"}};
  EXPECT_EQ(owner_of(spec), std::nullopt);
  spec.linux_->namespaces.clear();
  EXPECT_EQ(owner_of(spec), std::nullopt);
}

TEST(PlanCgroupOwner, StaysOursUnlessTheLastMountThereIsWritable) {
  const spec::Mount writable = managing_spec().mounts[0];
  spec::Mount read_only = writable, explicitly = writable, bind = writable, elsewhere = writable;
  read_only.options = {{"nosuid", "ro"}};
  explicitly.options = {{"ro", "rw"}};
  explicitly.destination = "/sys/fs/cgroup/.";
  bind.type = "bind";
  elsewhere.destination = "/mnt/cgroup";
  const auto owner_with = [](std::vector<spec::Mount> mounts) {
    spec::Spec spec = managing_spec();
    spec.mounts = std::move(mounts);
    return owner_of(spec);
  };
  EXPECT_EQ(owner_with({explicitly}), 100000u);
  EXPECT_EQ(owner_with({read_only, writable, elsewhere}), 100000u);
  EXPECT_EQ(owner_with({}), std::nullopt);
  EXPECT_EQ(owner_with({read_only}), std::nullopt);
  EXPECT_EQ(owner_with({writable, read_only}), std::nullopt);
  EXPECT_EQ(owner_with({writable, bind}), std::nullopt);
  EXPECT_EQ(owner_with({elsewhere}), std::nullopt);
}

}  // namespace
}  // namespace brig
