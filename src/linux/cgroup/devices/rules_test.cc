#include "linux/cgroup/devices/rules.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

using Rules = std::vector<CgroupDeviceRule>;
constexpr auto kChar = CgroupDeviceKind::Char;
constexpr auto kBlock = CgroupDeviceKind::Block;
constexpr std::int64_t kAny = kAnyDeviceNumber;
constexpr std::uint8_t r = kDeviceRead, w = kDeviceWrite, m = kDeviceMknod;

CgroupDeviceRule allow(CgroupDeviceKind kind, std::int64_t major, std::int64_t minor,
                       int access = r | w | m) {
  return {true, kind, major, minor, static_cast<std::uint8_t>(access)};
}
CgroupDeviceRule deny(CgroupDeviceKind kind, std::int64_t major, std::int64_t minor,
                      int access = r | w | m) {
  return {false, kind, major, minor, static_cast<std::uint8_t>(access)};
}
const CgroupDeviceRule kAllowAll{.allow = true}, kDenyAll{.allow = false};

std::vector<std::string> v1(const Rules& rules) {
  const Result<std::vector<CgroupWrite>> writes = v1_device_writes(reduce_device_rules(rules), 0);
  if (!writes) return {writes.error().message()};
  std::vector<std::string> out;
  for (const CgroupWrite& write : *writes)
    out.push_back(cat(write.file == "devices.allow" ? "+" : "-", write.value));
  return out;
}
using Lines = std::vector<std::string>;

TEST(DeviceRules, RulesBeforeOneForAllDevicesAreVoid) {
  EXPECT_EQ(reduce_device_rules({allow(kChar, 1, 3), kDenyAll, allow(kChar, 1, 5)}),
            (Rules{allow(kChar, 1, 5)}));
  EXPECT_EQ(reduce_device_rules({deny(kChar, 1, 3), kAllowAll, deny(kChar, 1, 5)}),
            (Rules{kAllowAll, deny(kChar, 1, 5)}));
}

TEST(DeviceRules, RulesThatALaterOneCoversAreLeftOut) {
  EXPECT_EQ(
      reduce_device_rules({allow(kChar, 1, 3, r), deny(kChar, 1, 3), allow(kChar, kAny, kAny)}),
      (Rules{allow(kChar, kAny, kAny)}));
  EXPECT_EQ(reduce_device_rules({allow(kChar, 1, 3), allow(kChar, kAny, kAny, m)}).size(), 2u);
  EXPECT_EQ(reduce_device_rules({allow(kBlock, 1, 3), allow(kChar, kAny, kAny)}).size(), 2u);
}

TEST(DeviceRules, EverythingIsAllowedOnlyWithoutAnyDenial) {
  EXPECT_TRUE(allows_every_device({kAllowAll}));
  EXPECT_TRUE(allows_every_device({kAllowAll, allow(kChar, 1, 3)}));
  EXPECT_FALSE(allows_every_device({kAllowAll, deny(kChar, 1, 3)}));
  EXPECT_FALSE(allows_every_device({allow(kChar, kAny, kAny), allow(kBlock, kAny, kAny)}));
  EXPECT_FALSE(allows_every_device({}));
}

TEST(DeviceRulesV1, StartsFromADefaultBecauseTheParentsRulesWereInherited) {
  EXPECT_EQ(v1({}), (Lines{"-a"}));
  EXPECT_EQ(v1({kDenyAll, allow(kChar, 1, 3), allow(kBlock, 8, kAny, r)}),
            (Lines{"-a", "+c 1:3 rwm", "+b 8:* r"}));
  EXPECT_EQ(v1({kAllowAll, deny(kChar, 10, 229)}), (Lines{"+a", "-c 10:229 rwm"}));
}

TEST(DeviceRulesV1, ADenialTakesFromWhatIsAllowed) {
  EXPECT_EQ(v1({allow(kChar, 1, 3), deny(kChar, 1, 3, w)}), (Lines{"-a", "+c 1:3 rm"}));
  EXPECT_EQ(v1({allow(kChar, 1, 3), allow(kChar, 1, 5), deny(kChar, 1, kAny, m)}),
            (Lines{"-a", "+c 1:3 rw", "+c 1:5 rw"}));
  EXPECT_EQ(v1({deny(kChar, 10, 229)}), (Lines{"-a"}));
}

TEST(DeviceRulesV1, AccessesOfOneDeviceAddUp) {
  EXPECT_EQ(v1({allow(kChar, 1, 3, r), allow(kChar, 1, 3, w)}), (Lines{"-a", "+c 1:3 rw"}));
  // The kernel wants one entry for all of an access, so the narrow one repeats the wide one's.
  EXPECT_EQ(v1({allow(kChar, 1, kAny, r), allow(kChar, 1, 3, w)}),
            (Lines{"-a", "+c 1:* r", "+c 1:3 rw"}));
}

TEST(DeviceRulesV1, AHoleInAWildcardIsAnErrorAndNotSilentlyOpen) {
  EXPECT_EQ(v1({allow(kChar, 1, kAny), deny(kChar, 1, 3)}),
            (Lines{"linux.resources.devices: cgroup v1 cannot make 'c 1:3 rwm' an exception from "
                   "'c 1:* rwm'"}));
  EXPECT_EQ(v1({allow(kChar, 1, kAny, r), deny(kChar, 1, 3, w)}), (Lines{"-a", "+c 1:* r"}));
  EXPECT_EQ(v1({kAllowAll, deny(kChar, 1, kAny), allow(kChar, 1, 3)}).size(), 1u);
}

}  // namespace
}  // namespace brig
