// New limits and device rules, and the way back.
#include <gtest/gtest.h>

#include "cgroup_fixture.h"
#include "linux/cgroup/devices/apply.h"
#include "linux/cgroup/devices/program.h"
#include "linux/cgroup/update/apply.h"
#include "linux/cgroup/update/plan.h"
#include "sys/bpf.h"

namespace brig::kernel_test {
namespace {

constexpr std::int64_t kMib = 1 << 20;

using Ids = std::vector<std::uint32_t>;

class CgroupUpdate : public Cgroup {
 protected:
  // A cgroup without limits, open as `update` opens it.
  void make(const std::string& name) {
    plan_ = plan_for(spec_named(name));
    handles_ = acquire(plan_);
    Result<LiveCgroup> live = open_live_cgroup(plan_.paths);
    ASSERT_TRUE(live) << live.error().message();
    live_ = std::move(*live);
  }

  [[nodiscard]] CgroupPlan limits_of(const spec::Resources& resources) const {
    Result<CgroupUpdatePlan> plan = plan_cgroup_update(
        resources, {.paths = plan_.paths, .v2_controllers = live_.v2_controllers});
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().message());
    return plan ? std::move(plan->limits) : CgroupPlan{};
  }

  [[nodiscard]] Ids programs() const {
    const Result<Ids> ids = sys::attached_device_programs(live_.handles.v2_dir);
    EXPECT_TRUE(ids) << (ids ? "" : ids.error().message());
    return ids ? *ids : Ids{};
  }

  CgroupPlan plan_;
  CgroupHandles handles_;
  LiveCgroup live_;
};

spec::Resources memory_and_swap(std::int64_t limit, std::int64_t swap) {
  spec::Resources resources;
  resources.memory = spec::Memory{.limit = limit, .swap = swap};
  return resources;
}

TEST_F(CgroupUpdate, TheWayBackBringsEveryFileBack) {
  make("back");
  if (!has("memory")) GTEST_SKIP() << "no memory controller here";
  const CgroupPlan at_first = limits_of(memory_and_swap(64 * kMib, 96 * kMib));
  ASSERT_TRUE(apply_cgroup_limits(at_first, live_.handles));
  // Up, down, and to no limit: each is a pair of writes whose order the kernel minds.
  for (const std::int64_t limit : {128 * kMib, 16 * kMib, std::int64_t{-1}}) {
    const CgroupPlan there = limits_of(memory_and_swap(limit, limit));
    const Result<CgroupPlan> back = plan_way_back(there, live_.handles);
    ASSERT_TRUE(back) << back.error().message();
    const Result<> gone = apply_cgroup_limits(there, live_.handles);
    ASSERT_TRUE(gone) << gone.error().message();
    const Result<> done = apply_cgroup_limits(*back, live_.handles);
    ASSERT_TRUE(done) << limit << ": " << done.error().message();
    const Result<CgroupPlan> now = plan_way_back(at_first, live_.handles);
    ASSERT_TRUE(now);
    ASSERT_EQ(now->writes.size(), at_first.writes.size());
    for (std::size_t i = 0; i < now->writes.size(); ++i)
      EXPECT_EQ(now->writes[i].value, at_first.writes[now->writes.size() - 1 - i].value) << limit;
  }
}

TEST_F(CgroupUpdate, ThereIsAlwaysOneProgramAndTheOldOneCanComeBack) {
  make("programs");
  if (plan_.paths.v2.empty()) GTEST_SKIP() << "no cgroup2 here";
  const FdRef cgroup = live_.handles.v2_dir;
  ASSERT_TRUE(attach_device_rules(device_program({}), cgroup));
  const Ids at_first = programs();
  ASSERT_EQ(at_first.size(), 1U);
  const Result<ReplacedProgram> replaced = replace_device_rules(device_program({{true}}), cgroup);
  ASSERT_TRUE(replaced) << replaced.error().message();
  EXPECT_EQ(programs().size(), 1U);
  EXPECT_NE(programs(), at_first);
  const Result<> undone = undo_replaced_rules(*replaced, cgroup);
  ASSERT_TRUE(undone) << undone.error().message();
  EXPECT_EQ(programs(), at_first);
}

TEST_F(CgroupUpdate, RulesWhereThereWereNoneCanBeTakenAwayAgain) {
  make("first-program");
  if (plan_.paths.v2.empty()) GTEST_SKIP() << "no cgroup2 here";
  const Result<ReplacedProgram> replaced =
      replace_device_rules(device_program({}), live_.handles.v2_dir);
  ASSERT_TRUE(replaced) << replaced.error().message();
  EXPECT_EQ(programs().size(), 1U);
  ASSERT_TRUE(undo_replaced_rules(*replaced, live_.handles.v2_dir));
  EXPECT_TRUE(programs().empty());
}

}  // namespace
}  // namespace brig::kernel_test
