#include "linux/credentials/passwd.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

constexpr std::string_view kPasswd =
    "root:x:0:0:root:/root:/bin/sh\n"
    "broken line\n"
    "\n"
    "web:x:1000:1001:Web,,,:/srv/web:/bin/false\n"
    "web:x:5:5::/second:/bin/sh\n"
    "negative:x:-1:0::/:\n"
    "hex:x:0x10:0::/:\n"
    "huge:x:4294967295:0::/:\n"
    "short:x:7:8";
constexpr std::string_view kGroup =
    "root:x:0:\n"
    "wheel:x:10:root,web\n"
    "bad:x:ten:web\n"
    "video:x:44:webmaster,web\n";

TEST(Passwd, FindsAUserByNameAndByNumber) {
  const auto web = find_user(kPasswd, "web");
  ASSERT_TRUE(web);
  EXPECT_EQ(web->uid, 1000U);
  EXPECT_EQ(web->gid, 1001U);
  EXPECT_EQ(web->home, "/srv/web");
  EXPECT_EQ(find_user(kPasswd, 1000U)->name, "web");
  EXPECT_EQ(find_user(kPasswd, 5U)->home, "/second");
}

TEST(Passwd, ALineThatEndsEarlyHasNoHome) {
  ASSERT_TRUE(find_user(kPasswd, "short"));
  EXPECT_EQ(find_user(kPasswd, "short")->home, "");
}

// CVE-2026-30892: an id that is not one must never become another user.
TEST(Passwd, WhatIsNoNumberIsNoId) {
  for (const std::string_view text :
       {"", "-1", "+1", " 1", "1 ", "0x10", "4294967295", "4294967296", "1:2", "one"})
    EXPECT_FALSE(parse_id(text)) << text;
  EXPECT_EQ(parse_id("0"), 0U);
  EXPECT_EQ(parse_id("4294967294"), 4294967294U);
  for (const std::string_view name : {"negative", "hex", "huge", "broken line", "", "nobody"})
    EXPECT_FALSE(find_user(kPasswd, name)) << name;
}

TEST(Passwd, GroupsAreFoundByNameAndByMember) {
  EXPECT_EQ(find_group(kGroup, "video"), 44U);
  EXPECT_FALSE(find_group(kGroup, "bad"));
  EXPECT_EQ(groups_of(kGroup, "web"), (std::vector<std::uint32_t>{10, 44}));
  EXPECT_TRUE(groups_of(kGroup, "we").empty());
}

}  // namespace
}  // namespace brig
