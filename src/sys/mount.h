// The mount API of Linux 5.2 and later: everything is a file descriptor, and a mount gets its
// attributes before anybody can see it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/mount_types.h"
#include "sys/fd.h"

namespace brig::sys {

enum class Recursive : bool { No, Yes };

// fsopen(2), fsconfig(2) for each parameter, fsmount(2) with `attributes` (MOUNT_ATTR_*):
// a new filesystem as a detached mount. The kernel's own words about a bad parameter are in
// the error.
Result<Fd> new_filesystem(const std::string& type, const std::vector<FsParameter>& parameters,
                          std::uint64_t attributes);

// open_tree(2) with OPEN_TREE_CLONE: a detached copy of the mount(s) at `path`.
Result<Fd> clone_tree(FdRef dir, const std::string& path, Recursive recursive);
// The same for the object that an O_PATH descriptor names.
Result<Fd> clone_tree(FdRef object, Recursive recursive);
// Like clone_tree, but a final symbolic link of `path` is the object itself.
Result<Fd> clone_tree_nofollow(FdRef dir, const std::string& path, Recursive recursive);

Result<> set_mount_attributes(FdRef mount, const MountAttributes& attributes, Recursive recursive);
Result<> set_mount_attributes_at(const std::string& path, const MountAttributes& attributes,
                                 Recursive recursive);

// MOUNT_ATTR_IDMAP: files show the ids that the maps of `user_namespace` give them. Only for a
// mount that nobody has attached yet. EINVAL: the filesystem has no support for it.
Result<> set_mount_ids(FdRef mount, FdRef user_namespace, Recursive recursive);

// move_mount(2) from one descriptor onto the object of another.
Result<> attach_mount(FdRef mount, FdRef target);

// The kernel's number of the mount that `object` lies in: unique where it can say so (Linux 6.8).
Result<std::uint64_t> mount_number(FdRef object);

// mount(2) with MS_MOVE, for --no-pivot, and umount2(2) with MNT_DETACH.
Result<> move_mount_to_root(const std::string& from);
Result<> detach_mount(const std::string& path);
// The mount whose root a descriptor names. umount2(2) takes only a path: it is one of `proc`, a
// procfs that is trusted, which becomes the working directory.
Result<> detach_mount(FdRef mount, FdRef proc);
Result<> pivot_root_here();   // pivot_root(".", ".")
Result<> change_root_here();  // chroot(".")

}  // namespace brig::sys
