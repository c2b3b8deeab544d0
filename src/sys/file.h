// Files and directories. Every function is named like its syscall, sets O_CLOEXEC, retries EINTR
// and names the call and its object in the error.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sys/fd.h"

namespace brig::sys {

// openat(2). For paths of the host that the caller of brig chose.
Result<Fd> open_at(FdRef dir, const std::string& path, int flags, mode_t mode = 0);

// openat2(2) with RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS: the only way to open a path that a
// container controls. `root` is where "/" and ".." end.
Result<Fd> open_in_root(FdRef root, const std::string& path, int flags, mode_t mode = 0);

// openat2(2) with RESOLVE_BENEATH | NO_SYMLINKS | NO_MAGICLINKS: one of our own trees, or a
// component of a path, where a link would be an attack. `extra` adds RESOLVE_* bits.
Result<Fd> open_beneath(FdRef dir, const std::string& path, int flags, mode_t mode = 0,
                        std::uint64_t extra = 0);

Result<> mkdir_at(FdRef dir, const std::string& path, mode_t mode);  // EEXIST is an error
Result<> make_dirs(const std::string& path, mode_t mode);            // mkdir -p on the host
Result<> unlink_at(FdRef dir, const std::string& path);
Result<> rmdir_at(FdRef dir, const std::string& path);
Result<> rename_at(FdRef dir, const std::string& from, const std::string& to);
Result<> symlink_at(const std::string& target, FdRef dir, const std::string& path);
Result<> mknod_at(FdRef dir, const std::string& path, mode_t mode, dev_t device);
Result<> fchmod(FdRef file, mode_t mode);
// Also for O_PATH descriptors: uses AT_EMPTY_PATH.
Result<> fchown(FdRef file, uid_t uid, gid_t gid);
Result<std::string> readlink_at(FdRef dir, const std::string& path);
Result<struct stat> fstat(FdRef file);
// Does not follow a final symlink.
Result<struct stat> stat_at(FdRef dir, const std::string& path);
Result<struct stat> stat_of(const std::string& path);  // follows it
Result<bool> exists_at(FdRef dir, const std::string& path);
Result<std::uint32_t> fs_magic(FdRef file);  // statfs f_type
Result<bool> fs_read_only(FdRef file);       // ST_RDONLY of the mount behind `file`

// The whole file, at most `limit` bytes (more is an error).
Result<std::string> read_all(FdRef file, std::size_t limit);
Result<std::string> read_file_at(FdRef dir, const std::string& path,
                                 std::size_t limit = std::size_t{1} << 20);
Result<std::string> read_some(FdRef file);  // one read(2); empty at the end
Result<char> read_byte(FdRef file);         // waits for one; an end of file is an error
Result<> write_all(FdRef file, std::string_view data);
// open(O_WRONLY) + one write(2) + close: for kernel files, where one write is one command.
Result<> write_file_at(FdRef dir, const std::string& path, std::string_view data);
// A new file (O_EXCL) of our own with this content.
Result<> create_file_at(FdRef dir, const std::string& path, std::string_view data, mode_t mode);

// copy_file_range(2), or read and write where the filesystems cannot, until the end of `from`.
Result<> copy_contents(FdRef from, FdRef to);

// Names in a directory, without "." and "..", unsorted.
Result<std::vector<std::string>> list_dir(FdRef dir);

// The fds above `first` get close-on-exec (close_range CLOSE_RANGE_CLOEXEC), or are closed.
Result<> cloexec_from(unsigned first);
// Closes every descriptor from 3 on but these.
Result<> close_all_except(std::vector<int> kept);
Result<> set_cloexec(FdRef file, bool on);
Result<> flock_exclusive(FdRef file);  // waits
Result<> funlock(FdRef file);
// The absolute path of what a descriptor names, as the kernel knows it now.
Result<std::string> real_path(FdRef file);
// /proc/self/fd/N of this process, for the few calls that take only a path.
std::string fd_path(FdRef file);

}  // namespace brig::sys
