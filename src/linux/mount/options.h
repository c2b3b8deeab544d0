// The option names of mounts[].options: the specification's, runc's and crun's.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace brig {

enum class MountOptionKind : std::uint8_t {
  Attribute,                // of this mount: clear `clear`, then set `set`
  RecursiveAttribute,       // of this mount and all below it
  FilesystemFlag,           // of the filesystem: passed to fsconfig(2) under the same name
  RecursiveFilesystemFlag,  // crun's rsync, ...: the same, a filesystem has nothing below it
  Propagation,              // MS_SHARED, ... in `set`
  RecursivePropagation,
  Bind,
  RecursiveBind,
  Remount,
  TmpCopyUp,          // a tmpfs starts with what the image has at its destination
  IdMapped,           // idmap
  RecursiveIdMapped,  // ridmap
  CopySymlink,        // a source that is a link: make the same link at the destination
  SourceNoFollow,
  TargetNoFollow,
  NoEffect,  // accepted for compatibility; the kernel has no per-mount meaning for it
};

struct MountOption {
  std::string_view name;
  MountOptionKind kind;
  std::uint64_t set = 0, clear = 0;
};

// nullptr: not one of ours, so it is data for the filesystem ("mode=755").
const MountOption* find_mount_option(std::string_view name);

// Every name above, sorted: for `brig features`.
std::vector<std::string_view> mount_option_names();

}  // namespace brig
