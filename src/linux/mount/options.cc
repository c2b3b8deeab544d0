#include "linux/mount/options.h"

#include <sys/mount.h>

#include <algorithm>

namespace brig {

namespace {

using Kind = MountOptionKind;

constexpr std::uint64_t kRdOnly = 0x1, kNoSuid = 0x2, kNoDev = 0x4, kNoExec = 0x8;
constexpr std::uint64_t kAtimeField = 0x70, kNoAtime = 0x10, kStrictAtime = 0x20;  // relatime: 0
constexpr std::uint64_t kNoDirAtime = 0x80, kNoSymFollow = 0x200000;

// Sorted by name. The access time modes are one field with three values, so each clears it.
constexpr MountOption kOptions[] = {
    {"async", Kind::FilesystemFlag},
    {"atime", Kind::Attribute, 0, kAtimeField},
    {"bind", Kind::Bind},
    {"copy-symlink", Kind::CopySymlink},
    {"defaults", Kind::NoEffect},
    {"dest-nofollow", Kind::TargetNoFollow},
    {"dev", Kind::Attribute, 0, kNoDev},
    {"diratime", Kind::Attribute, 0, kNoDirAtime},
    {"dirsync", Kind::FilesystemFlag},
    {"exec", Kind::Attribute, 0, kNoExec},
    {"idmap", Kind::IdMapped},
    // Filesystems with a change counter switch it on by themselves since Linux 4.17; "silent"
    // only ever spoke of the kernel's log.
    {"iversion", Kind::NoEffect},
    {"lazytime", Kind::FilesystemFlag},
    {"loud", Kind::NoEffect},
    {"mand", Kind::FilesystemFlag},
    {"noatime", Kind::Attribute, kNoAtime, kAtimeField},
    {"nodev", Kind::Attribute, kNoDev, 0},
    {"nodiratime", Kind::Attribute, kNoDirAtime, 0},
    {"noexec", Kind::Attribute, kNoExec, 0},
    {"noiversion", Kind::NoEffect},
    {"nolazytime", Kind::FilesystemFlag},
    {"nomand", Kind::FilesystemFlag},
    {"norelatime", Kind::Attribute, 0, kAtimeField},
    {"nostrictatime", Kind::Attribute, 0, kAtimeField},
    {"nosuid", Kind::Attribute, kNoSuid, 0},
    {"nosymfollow", Kind::Attribute, kNoSymFollow, 0},
    {"private", Kind::Propagation, MS_PRIVATE},
    {"rasync", Kind::RecursiveFilesystemFlag},
    {"ratime", Kind::RecursiveAttribute, 0, kAtimeField},
    {"rbind", Kind::RecursiveBind},
    {"rdev", Kind::RecursiveAttribute, 0, kNoDev},
    {"rdiratime", Kind::RecursiveAttribute, 0, kNoDirAtime},
    {"rdirsync", Kind::RecursiveFilesystemFlag},
    {"relatime", Kind::Attribute, 0, kAtimeField},
    {"remount", Kind::Remount},
    {"rexec", Kind::RecursiveAttribute, 0, kNoExec},
    {"ridmap", Kind::RecursiveIdMapped},
    {"rmand", Kind::RecursiveFilesystemFlag},
    {"rnoatime", Kind::RecursiveAttribute, kNoAtime, kAtimeField},
    {"rnodev", Kind::RecursiveAttribute, kNoDev, 0},
    {"rnodiratime", Kind::RecursiveAttribute, kNoDirAtime, 0},
    {"rnoexec", Kind::RecursiveAttribute, kNoExec, 0},
    {"rnomand", Kind::RecursiveFilesystemFlag},
    {"rnorelatime", Kind::RecursiveAttribute, 0, kAtimeField},
    {"rnostrictatime", Kind::RecursiveAttribute, 0, kAtimeField},
    {"rnosuid", Kind::RecursiveAttribute, kNoSuid, 0},
    {"rnosymfollow", Kind::RecursiveAttribute, kNoSymFollow, 0},
    {"ro", Kind::Attribute, kRdOnly, 0},
    {"rprivate", Kind::RecursivePropagation, MS_PRIVATE},
    {"rrelatime", Kind::RecursiveAttribute, 0, kAtimeField},
    {"rro", Kind::RecursiveAttribute, kRdOnly, 0},
    {"rrw", Kind::RecursiveAttribute, 0, kRdOnly},
    {"rshared", Kind::RecursivePropagation, MS_SHARED},
    {"rslave", Kind::RecursivePropagation, MS_SLAVE},
    {"rstrictatime", Kind::RecursiveAttribute, kStrictAtime, kAtimeField},
    {"rsuid", Kind::RecursiveAttribute, 0, kNoSuid},
    {"rsymfollow", Kind::RecursiveAttribute, 0, kNoSymFollow},
    {"rsync", Kind::RecursiveFilesystemFlag},
    {"runbindable", Kind::RecursivePropagation, MS_UNBINDABLE},
    {"rw", Kind::Attribute, 0, kRdOnly},
    {"shared", Kind::Propagation, MS_SHARED},
    {"silent", Kind::NoEffect},
    {"slave", Kind::Propagation, MS_SLAVE},
    {"src-nofollow", Kind::SourceNoFollow},
    {"strictatime", Kind::Attribute, kStrictAtime, kAtimeField},
    {"suid", Kind::Attribute, 0, kNoSuid},
    {"symfollow", Kind::Attribute, 0, kNoSymFollow},
    {"sync", Kind::FilesystemFlag},
    {"tmpcopyup", Kind::TmpCopyUp},
    {"unbindable", Kind::Propagation, MS_UNBINDABLE},
};
static_assert(std::ranges::is_sorted(kOptions, {}, &MountOption::name));

}  // namespace

const MountOption* find_mount_option(std::string_view name) {
  const auto* found = std::ranges::lower_bound(kOptions, name, {}, &MountOption::name);
  return found != std::end(kOptions) && found->name == name ? found : nullptr;
}

std::vector<std::string_view> mount_option_names() {
  std::vector<std::string_view> names;
  for (const MountOption& option : kOptions) names.push_back(option.name);
  return names;
}

}  // namespace brig
