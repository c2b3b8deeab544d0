#include "sys/mount.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "sys/kernel_abi.h"

namespace brig::sys {

namespace {

// What the filesystem wrote about the failure: lines "e tmpfs: Unknown parameter 'rx'".
std::string kernel_message(FdRef context) {
  std::array<char, 512> line;
  const ssize_t got = ::read(context.raw(), line.data(), line.size());
  if (got <= 2) return {};
  std::string text(line.data() + 2, static_cast<std::size_t>(got) - 2);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::unexpected<Error> fail_context(FdRef context, const std::string& what) {
  const int err = errno;
  const std::string reason = kernel_message(context);
  return std::unexpected(Error::system(err, reason.empty() ? what : cat(what, ": ", reason)));
}

Result<> configure(FdRef context, const FsParameter& parameter) {
  const char* value = parameter.is_flag ? nullptr : parameter.value.c_str();
  const unsigned command = parameter.is_flag ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
  if (::fsconfig(context.raw(), command, parameter.key.c_str(), value, 0) == 0) return {};
  return fail_context(context, parameter.is_flag
                                   ? cat("option '", parameter.key, "'")
                                   : cat("option '", parameter.key, "=", parameter.value, "'"));
}

unsigned tree_flags(Recursive recursive) {
  return OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
         (recursive == Recursive::Yes ? static_cast<unsigned>(AT_RECURSIVE) : 0U);
}

Result<Fd> open_tree(FdRef dir, const std::string& path, unsigned flags) {
  const int fd = ::open_tree(dir.raw(), path.c_str(), flags);
  if (fd < 0) return fail_errno("open_tree", path.empty() ? "" : " ", path);
  return Fd(fd);
}

Result<> mount_setattr(int dir, const char* path, unsigned flags, const MountAttributes& wanted) {
  struct mount_attr attributes{};
  attributes.attr_set = wanted.set;
  attributes.attr_clr = wanted.clear;
  attributes.propagation = wanted.propagation;
  // attr_set of an access time mode needs the whole field cleared first (mount_setattr(2)).
  if ((wanted.set & MOUNT_ATTR__ATIME) != 0) attributes.attr_clr |= MOUNT_ATTR__ATIME;
  if (::mount_setattr(dir, path, flags, &attributes, sizeof attributes) != 0)
    return fail_errno("mount_setattr", *path == '\0' ? "" : " ", path);
  return {};
}

unsigned recursion(Recursive recursive) {
  return recursive == Recursive::Yes ? static_cast<unsigned>(AT_RECURSIVE) : 0U;
}

}  // namespace

Result<Fd> new_filesystem(const std::string& type, const std::vector<FsParameter>& parameters,
                          std::uint64_t attributes) {
  const Fd context(::fsopen(type.c_str(), FSOPEN_CLOEXEC));
  if (!context) return fail_errno("fsopen ", type);
  for (const FsParameter& parameter : parameters) TRY(configure(context, parameter));
  if (::fsconfig(context.raw(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
    return fail_context(context, cat("create ", type));
  Fd mount(::fsmount(context.raw(), FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes)));
  if (!mount) return fail_context(context, cat("fsmount ", type));
  return mount;
}

Result<Fd> clone_tree(FdRef dir, const std::string& path, Recursive recursive) {
  return open_tree(dir, path, tree_flags(recursive));
}

Result<Fd> clone_tree(FdRef object, Recursive recursive) {
  return open_tree(object, "", tree_flags(recursive) | AT_EMPTY_PATH);
}

Result<Fd> clone_tree_nofollow(FdRef dir, const std::string& path, Recursive recursive) {
  return open_tree(dir, path, tree_flags(recursive) | AT_SYMLINK_NOFOLLOW);
}

Result<> set_mount_attributes(FdRef mount, const MountAttributes& attributes, Recursive recursive) {
  return mount_setattr(mount.raw(), "", AT_EMPTY_PATH | recursion(recursive), attributes);
}

Result<> set_mount_attributes_at(const std::string& path, const MountAttributes& attributes,
                                 Recursive recursive) {
  return mount_setattr(AT_FDCWD, path.c_str(), recursion(recursive), attributes);
}

Result<> set_mount_ids(FdRef mount, FdRef user_namespace, Recursive recursive) {
  struct mount_attr attributes{};
  attributes.attr_set = abi::kMountAttrIdmap;
  attributes.userns_fd = static_cast<__u64>(user_namespace.raw());
  if (::mount_setattr(mount.raw(), "", AT_EMPTY_PATH | recursion(recursive), &attributes,
                      sizeof attributes) != 0)
    return fail_errno("mount_setattr MOUNT_ATTR_IDMAP");
  return {};
}

Result<> attach_mount(FdRef mount, FdRef target) {
  if (::move_mount(mount.raw(), "", target.raw(), "",
                   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
    return fail_errno("move_mount");
  return {};
}

Result<> move_mount_to_root(const std::string& from) {
  if (::mount(from.c_str(), "/", nullptr, MS_MOVE, nullptr) != 0)
    return fail_errno("mount --move ", from, " /");
  return {};
}

Result<> detach_mount(const std::string& path) {
  if (::umount2(path.c_str(), MNT_DETACH) != 0) return fail_errno("umount2 ", path);
  return {};
}

Result<std::uint64_t> mount_number(FdRef object) {
  for (const unsigned kind : {abi::kStatxMountIdUnique, STATX_MNT_ID}) {
    struct statx info{};
    if (::statx(object.raw(), "", AT_EMPTY_PATH, kind, &info) != 0) return fail_errno("statx");
    if ((info.stx_mask & kind) != 0) return info.stx_mnt_id;
  }
  return fail(Errc::Unsupported, "the kernel does not number mounts (statx, Linux 5.8)");
}

Result<> detach_mount(FdRef mount, FdRef proc) {
  const Fd descriptors(::openat(proc.raw(), "self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!descriptors) return fail_errno("open self/fd");
  if (::fchdir(FdRef(descriptors).raw()) != 0) return fail_errno("fchdir self/fd");
  return detach_mount(cat(mount.raw()));
}

Result<> pivot_root_here() {
  if (::syscall(SYS_pivot_root, ".", ".") != 0) return fail_errno("pivot_root");
  return {};
}

Result<> change_root_here() {
  if (::chroot(".") != 0) return fail_errno("chroot");
  return {};
}

}  // namespace brig::sys
