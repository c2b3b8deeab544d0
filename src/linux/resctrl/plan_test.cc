#include "linux/resctrl/plan.h"

#include <gtest/gtest.h>

#include "spec/types.h"

namespace brig {
namespace {

using Lines = std::vector<std::string>;

ResctrlPlan plan_of(const spec::IntelRdt& rdt) {
  Result<ResctrlPlan> plan = plan_resctrl(rdt, "web");
  EXPECT_TRUE(plan) << plan.error().message();
  return plan ? std::move(*plan) : ResctrlPlan();
}

TEST(PlanResctrl, WithoutAClassTheGroupIsTheContainersOwn) {
  EXPECT_EQ(plan_of({}).group, (ResctrlGroup{.name = "web", .owned = true}));
}

TEST(PlanResctrl, AClassIsSharedAndASlashIsTheRoot) {
  EXPECT_EQ(plan_of({.clos_id = "gold"}).group, (ResctrlGroup{.name = "gold"}));
  EXPECT_EQ(plan_of({.clos_id = "/"}).group, ResctrlGroup{});
}

TEST(PlanResctrl, MonitoringIsOfTheContainerAlone) {
  const ResctrlGroup group = plan_of({.clos_id = "gold", .enable_monitoring = true}).group;
  EXPECT_EQ(group, (ResctrlGroup{.name = "gold", .monitor = "web"}));
  EXPECT_EQ(monitor_path(group), "mon_groups/web");
}

TEST(PlanResctrl, SchemataComeLast) {
  EXPECT_EQ(plan_of({.l3_cache_schema = "L3:0=f",
                     .mem_bw_schema = "MB:0=20",
                     .schemata = Lines{"L2:0=3", "MB:1=30\n"}})
                .schemata,
            (Lines{"L3:0=f", "MB:0=20", "L2:0=3", "MB:1=30"}));
}

TEST(PlanResctrl, BandwidthInTheCacheSchemaGivesWayToItsOwnSchema) {
  EXPECT_EQ(plan_of({.l3_cache_schema = "MB:0=10\nL3:0=f", .mem_bw_schema = "MB:0=20"}).schemata,
            (Lines{"L3:0=f", "MB:0=20"}));
  EXPECT_EQ(plan_of({.l3_cache_schema = "MB:0=10\nL3:0=f"}).schemata, (Lines{"MB:0=10", "L3:0=f"}));
}

TEST(PlanResctrl, DirectoriesOfResctrlItselfAreNobodysGroup) {
  EXPECT_EQ(plan_resctrl({.clos_id = "info"}, "web").error().message(),
            "linux.intelRdt.closID: 'info' is a directory of resctrl's own");
  EXPECT_EQ(plan_resctrl({}, "mon_groups").error().message(),
            "linux.intelRdt: 'mon_groups' is a directory of resctrl's own");
}

constexpr char kFile[] = "    L3:0=7ff;1=7ff\n    L2:0=ff\n    MB:0=100;1= 90\n";

TEST(MissingSchema, NumbersAreComparedAndNotTheirSpelling) {
  EXPECT_EQ(missing_schema({"L3:0=7ff;1=0x7FF", "MB:1=90", "MB:0=0100", "L2: 0 = 0ff"}, kFile),
            std::nullopt);
}

TEST(MissingSchema, TheFirstThatDiffersIsNamed) {
  EXPECT_EQ(missing_schema({"L3:0=7ff", "L3:0=7fe"}, kFile), "L3:0=7fe");
  EXPECT_EQ(missing_schema({"L3:2=7ff"}, kFile), "L3:2=7ff");
  EXPECT_EQ(missing_schema({"SMBA:0=1"}, kFile), "SMBA:0=1");
  EXPECT_EQ(missing_schema({"MB:0=64"}, kFile), "MB:0=64");  // 100 is not 0x64 here
}

TEST(ValidateResctrl, ARecordCannotNameADirectoryElsewhere) {
  EXPECT_TRUE(validate_resctrl({.name = "gold", .monitor = "web"}));
  EXPECT_FALSE(validate_resctrl({.name = "..", .owned = true}));
  EXPECT_FALSE(validate_resctrl({.name = "a/b"}));
  EXPECT_FALSE(validate_resctrl({.name = "a", .monitor = "../../x"}));
  EXPECT_FALSE(validate_resctrl({.owned = true}));
}

}  // namespace
}  // namespace brig
