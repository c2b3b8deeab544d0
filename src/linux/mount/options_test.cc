#include "linux/mount/options.h"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <algorithm>

namespace brig {
namespace {

using Kind = MountOptionKind;

struct Expected {
  std::string_view name;
  Kind kind;
  std::uint64_t set = 0, clear = 0;
};

void expect_options(std::initializer_list<Expected> options) {
  for (const Expected& want : options) {
    const MountOption* option = find_mount_option(want.name);
    ASSERT_NE(option, nullptr) << want.name;
    EXPECT_EQ(option->kind, want.kind) << want.name;
    EXPECT_EQ(option->set, want.set) << want.name;
    EXPECT_EQ(option->clear, want.clear) << want.name;
  }
}

TEST(MountOptions, AttributesHaveAWordForOnAndOneForOff) {
  expect_options({{"ro", Kind::Attribute, 0x1, 0},
                  {"rw", Kind::Attribute, 0, 0x1},
                  {"nosuid", Kind::Attribute, 0x2, 0},
                  {"suid", Kind::Attribute, 0, 0x2},
                  {"nodev", Kind::Attribute, 0x4, 0},
                  {"dev", Kind::Attribute, 0, 0x4},
                  {"noexec", Kind::Attribute, 0x8, 0},
                  {"exec", Kind::Attribute, 0, 0x8},
                  {"nodiratime", Kind::Attribute, 0x80, 0},
                  {"diratime", Kind::Attribute, 0, 0x80},
                  {"nosymfollow", Kind::Attribute, 0x200000, 0},
                  {"symfollow", Kind::Attribute, 0, 0x200000}});
}

// mount_setattr(2) refuses to set one of the three without clearing the field.
TEST(MountOptions, AccessTimeIsOneFieldThatEveryModeClears) {
  expect_options({{"noatime", Kind::Attribute, 0x10, 0x70},
                  {"strictatime", Kind::Attribute, 0x20, 0x70},
                  {"relatime", Kind::Attribute, 0, 0x70},
                  {"atime", Kind::Attribute, 0, 0x70},
                  {"norelatime", Kind::Attribute, 0, 0x70},
                  {"nostrictatime", Kind::Attribute, 0, 0x70}});
}

TEST(MountOptions, PropagationIsForOneMountOrForAllBelow) {
  expect_options({{"shared", Kind::Propagation, MS_SHARED},
                  {"slave", Kind::Propagation, MS_SLAVE},
                  {"private", Kind::Propagation, MS_PRIVATE},
                  {"unbindable", Kind::Propagation, MS_UNBINDABLE},
                  {"rshared", Kind::RecursivePropagation, MS_SHARED},
                  {"rslave", Kind::RecursivePropagation, MS_SLAVE},
                  {"rprivate", Kind::RecursivePropagation, MS_PRIVATE},
                  {"runbindable", Kind::RecursivePropagation, MS_UNBINDABLE}});
}

TEST(MountOptions, OthersAreKnownByTheirKind) {
  expect_options({{"bind", Kind::Bind},
                  {"rbind", Kind::RecursiveBind},
                  {"remount", Kind::Remount},
                  {"tmpcopyup", Kind::TmpCopyUp},
                  {"idmap", Kind::IdMapped},
                  {"ridmap", Kind::RecursiveIdMapped},
                  {"copy-symlink", Kind::CopySymlink},
                  {"src-nofollow", Kind::SourceNoFollow},
                  {"dest-nofollow", Kind::TargetNoFollow}});
  for (const char* name : {"sync", "async", "dirsync", "lazytime", "nolazytime", "mand", "nomand"})
    expect_options({{name, Kind::FilesystemFlag}});
  for (const char* name : {"rsync", "rasync", "rdirsync", "rmand", "rnomand"})
    expect_options({{name, Kind::RecursiveFilesystemFlag}});
  for (const char* name : {"defaults", "silent", "loud", "iversion", "noiversion"})
    expect_options({{name, Kind::NoEffect}});
}

// "rro" is "ro" for all mounts below, and so on; "relatime" and the like start with r by chance.
TEST(MountOptions, ARecursiveAttributeIsItsPlainOneWithAnR) {
  int count = 0;
  for (const std::string_view name : mount_option_names()) {
    const MountOption* option = find_mount_option(name);
    ASSERT_NE(option, nullptr) << name;
    if (option->kind != Kind::RecursiveAttribute) continue;
    const MountOption* plain = find_mount_option(name.substr(1));
    ASSERT_NE(plain, nullptr) << name;
    EXPECT_EQ(plain->kind, Kind::Attribute) << name;
    EXPECT_EQ(option->set, plain->set) << name;
    EXPECT_EQ(option->clear, plain->clear) << name;
    ++count;
  }
  EXPECT_EQ(count, 18);
}

TEST(MountOptions, WhatIsNoneOfThemIsDataForTheFilesystem) {
  for (const char* name : {"", "mode=755", "RO", "ro ", "r", "zzz", "newinstance"})
    EXPECT_EQ(find_mount_option(name), nullptr) << name;
}

TEST(MountOptions, NamesAreSortedAndComplete) {
  const std::vector<std::string_view> names = mount_option_names();
  EXPECT_TRUE(std::ranges::is_sorted(names));
  EXPECT_NE(std::ranges::find(names, "idmap"), names.end());
  EXPECT_NE(std::ranges::find(names, "rro"), names.end());
}

}  // namespace
}  // namespace brig
