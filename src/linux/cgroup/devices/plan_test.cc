#include "linux/cgroup/devices/plan.h"

#include <gtest/gtest.h>

#include "spec/types.h"

namespace brig {
namespace {

const CgroupPaths kHybrid{CgroupMode::Hybrid,
                          {{"/cg/cpu", "/w", "cpu"}, {"/cg/devices", "/w", "devices"}},
                          {{"/cg/unified", "/w", ""}}};
const CgroupPaths kV2{CgroupMode::V2, {}, {{"/cg", "/w", ""}}};
const CgroupPaths kBareV1{CgroupMode::V1, {{"/cg/cpu", "/w", "cpu"}}, {}};
const std::vector<std::string> kNoControllers;

Result<CgroupDevicePlan> plan_for(const std::vector<spec::DeviceRule>& rules,
                                  const CgroupPaths& paths) {
  spec::Resources resources;
  resources.devices = rules;
  const CgroupPlaces places{.paths = paths, .v2_controllers = kNoControllers, .why_none = {}};
  return plan_cgroup_devices(resources, places);
}

std::string error_for(const spec::DeviceRule& rule) {
  const Result<CgroupDevicePlan> plan = plan_for({{true, "c", {}, {}, ""}, rule}, kV2);
  return plan ? "" : plan.error().message();
}

std::vector<std::string> rules_for(const std::vector<spec::DeviceRule>& rules) {
  std::vector<std::string> lines;
  const Result<CgroupDevicePlan> plan = plan_for(rules, kV2);
  if (!plan) return {plan.error().message()};
  for (const CgroupDeviceRule& rule : plan->rules) lines.push_back(describe(rule));
  return lines;
}

const std::vector<std::string> kDefaults = {
    "allow c *:* m",     "allow b *:* m",   "allow c 1:3 rwm",   "allow c 1:8 rwm",
    "allow c 1:7 rwm",   "allow c 5:0 rwm", "allow c 1:5 rwm",   "allow c 1:9 rwm",
    "allow c 136:* rwm", "allow c 5:2 rwm", "allow c 10:200 rwm"};

TEST(CgroupDevices, NothingIsAllowedButTheDefaults) {
  EXPECT_EQ(rules_for({}), kDefaults);
  EXPECT_EQ(rules_for({{false, "", {}, {}, "rwm"}}), kDefaults);
}

TEST(CgroupDevices, TheDefaultsComeLast) {
  const std::vector<std::string> rules = rules_for({{false, "", {}, {}, "rwm"},
                                                    {true, "c", 5, 1, "rwm"},
                                                    {true, "c", 1, 3, "rwm"},
                                                    {false, "c", 10, 229, "rwm"}});
  ASSERT_EQ(rules.size(), kDefaults.size() + 2);
  EXPECT_EQ(rules[0], "allow c 5:1 rwm");
  EXPECT_EQ(rules[1], "deny c 10:229 rwm");
}

TEST(CgroupDevices, APrivilegedContainerHasNoRules) {
  const Result<CgroupDevicePlan> plan = plan_for({{true, "", {}, {}, "rwm"}}, kV2);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->rules.empty());
  EXPECT_TRUE(plan->program.empty());
}

TEST(CgroupDevices, AllTypesWithNumbersAreTwoRules) {
  const std::vector<std::string> rules = rules_for({{true, "a", 7, -1, "r"}});
  ASSERT_EQ(rules.size(), kDefaults.size() + 2);
  EXPECT_EQ(rules[0], "allow c 7:* r");
  EXPECT_EQ(rules[1], "allow b 7:* r");
}

TEST(CgroupDevices, AreEnforcedByV1WhereItHasThem) {
  const Result<CgroupDevicePlan> plan = plan_for({}, kHybrid);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->program.empty());
  ASSERT_EQ(plan->writes.size(), 12u);
  EXPECT_EQ(plan->writes[0], (CgroupWrite{1, "devices.deny", "a", "linux.resources.devices"}));
  EXPECT_EQ(plan->writes[1],
            (CgroupWrite{1, "devices.allow", "c *:* m", "linux.resources.devices"}));
}

TEST(CgroupDevices, AreEnforcedByAProgramOnV2) {
  const Result<CgroupDevicePlan> plan = plan_for({}, kV2);
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->program.empty());
  EXPECT_TRUE(plan->writes.empty());
}

TEST(CgroupDevices, NoPlaceMeansNoEnforcement) {
  const Result<CgroupDevicePlan> plan = plan_for({}, kBareV1);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->program.empty() && plan->writes.empty());
  EXPECT_FALSE(plan->rules.empty());
}

TEST(CgroupDevices, BadRulesAreNamed) {
  EXPECT_EQ(error_for({true, "x", {}, {}, ""}),
            "linux.resources.devices[1].type: 'x' is none of a, b and c");
  EXPECT_EQ(error_for({true, "c", {}, {}, "rx"}),
            "linux.resources.devices[1].access: 'rx' is not made of r, w and m");
  EXPECT_EQ(error_for({true, "c", -2, {}, ""}),
            "linux.resources.devices[1].major: -2 is not a device number");
  EXPECT_EQ(error_for({true, "c", {}, 4294967296, ""}),
            "linux.resources.devices[1].minor: 4294967296 is not a device number");
}

TEST(CgroupDevices, AnUpdateSaysEverythingToo) {
  spec::Resources resources;
  resources.devices = {{true, "", {}, {}, "rwm"}};
  const CgroupPlaces v1{.paths = kHybrid, .v2_controllers = kNoControllers, .why_none = {}};
  const Result<CgroupDevicePlan> by_files = plan_device_update(resources, v1);
  ASSERT_TRUE(by_files);
  ASSERT_EQ(by_files->writes.size(), 1U);
  EXPECT_EQ(by_files->writes[0].file, "devices.allow");
  EXPECT_EQ(by_files->writes[0].value, "a");
  const CgroupPlaces v2{.paths = kV2, .v2_controllers = kNoControllers, .why_none = {}};
  const Result<CgroupDevicePlan> by_program = plan_device_update(resources, v2);
  ASSERT_TRUE(by_program);
  EXPECT_FALSE(by_program->program.empty());
}

}  // namespace
}  // namespace brig
