#include "linux/cgroup/devices/changes.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/text.h"

namespace brig {
namespace {

using Lines = std::vector<std::pair<std::string_view, std::string_view>>;  // allow or deny, value

std::vector<CgroupWrite> writes(const Lines& lines) {
  std::vector<CgroupWrite> out;
  for (const auto& [file, value] : lines)
    out.push_back({.hierarchy = 3,
                   .file = cat("devices.", file),
                   .value = std::string(value),
                   .json_path = "linux.resources.devices"});
  return out;
}

TEST(V1DeviceChanges, TheSameRulesNeedNoWrite) {
  const V1DeviceChanges changes = v1_device_changes(
      writes({{"deny", "a"}, {"allow", "c 1:3 rwm"}, {"allow", "c *:* m"}}), "c *:* m\nc 1:3 rwm");
  EXPECT_TRUE(changes.writes.empty());
  EXPECT_FALSE(changes.starts_over);
}

TEST(V1DeviceChanges, NewDevicesAreAllowedBeforeOldOnesAreDenied) {
  const V1DeviceChanges changes = v1_device_changes(
      writes({{"deny", "a"}, {"allow", "c 1:5 rw"}, {"allow", "c 1:3 rw"}}), "c 1:* rwm\nc 1:3 rm");
  EXPECT_EQ(changes.writes, writes({{"allow", "c 1:3 w"},
                                    {"allow", "c 1:5 rw"},
                                    {"deny", "c 1:* rwm"},
                                    {"deny", "c 1:3 m"}}));
}

TEST(V1DeviceChanges, AnotherDefaultStartsOver) {
  const std::vector<CgroupWrite> list = writes({{"deny", "a"}, {"allow", "c 1:3 rwm"}});
  const std::vector<CgroupWrite> all = writes({{"allow", "a"}, {"deny", "c 1:3 w"}});
  for (const auto& [wanted, now] : {std::pair(list, "a *:* rwm"), std::pair(all, "c 1:3 rwm"),
                                    std::pair(all, "a *:* rwm"), std::pair(all, "")}) {
    const V1DeviceChanges changes = v1_device_changes(wanted, now);
    EXPECT_TRUE(changes.starts_over) << now;
    EXPECT_EQ(changes.writes, wanted) << now;
  }
}

TEST(V1DeviceChanges, NothingAllowedIsAListToo) {
  const V1DeviceChanges changes =
      v1_device_changes(writes({{"deny", "a"}, {"allow", "b 7:* r"}}), "");
  EXPECT_FALSE(changes.starts_over);
  EXPECT_EQ(changes.writes, writes({{"allow", "b 7:* r"}}));
}

}  // namespace
}  // namespace brig
