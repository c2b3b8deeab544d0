#include "sys/file.h"

#include <dirent.h>
#include <linux/openat2.h>
#include <sys/file.h>  // flock(2)
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/host_paths.h"
#include "sys/kernel_abi.h"
#include "sys/retry.h"

namespace brig::sys {

namespace {

// A rename or mount anywhere on the host at the wrong moment makes a scoped walk EAGAIN. It is
// rare and passes at once; the bound only keeps a hostile renamer from holding us for ever.
constexpr int kMaxRacedWalks = 10'000;

Result<Fd> open_scoped(FdRef dir, const std::string& path, const open_how& how) {
  long fd = -1;
  int walks = 0;
  do {
    fd = ::syscall(SYS_openat2, dir.raw(), path.c_str(), &how, sizeof how);
  } while (fd < 0 && (errno == EINTR || (errno == EAGAIN && ++walks < kMaxRacedWalks)));
  if (fd < 0) return fail_errno("openat2 ", path);
  return Fd(static_cast<int>(fd));
}

open_how make_how(int flags, mode_t mode, std::uint64_t resolve) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.mode = mode;
  how.resolve = resolve;
  return how;
}

}  // namespace

Result<Fd> open_at(FdRef dir, const std::string& path, int flags, mode_t mode) {
  const int fd =
      retry_eintr([&] { return ::openat(dir.raw(), path.c_str(), flags | O_CLOEXEC, mode); });
  if (fd < 0) return fail_errno("open ", path);
  return Fd(fd);
}

Result<Fd> open_in_root(FdRef root, const std::string& path, int flags, mode_t mode) {
  return open_scoped(root, path, make_how(flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS));
}

Result<Fd> open_beneath(FdRef dir, const std::string& path, int flags, mode_t mode,
                        std::uint64_t extra) {
  return open_scoped(
      dir, path,
      make_how(flags, mode, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | extra));
}

Result<> mkdir_at(FdRef dir, const std::string& path, mode_t mode) {
  if (::mkdirat(dir.raw(), path.c_str(), mode) != 0) return fail_errno("mkdir ", path);
  return {};
}

Result<> make_dirs(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0 || errno == EEXIST) return {};
  const std::size_t slash = path.find_last_of('/');
  if (errno != ENOENT || slash == std::string::npos || slash == 0)
    return fail_errno("mkdir ", path);
  TRY(make_dirs(path.substr(0, slash), mode));
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return fail_errno("mkdir ", path);
  return {};
}

Result<> unlink_at(FdRef dir, const std::string& path) {
  if (::unlinkat(dir.raw(), path.c_str(), 0) != 0) return fail_errno("unlink ", path);
  return {};
}

Result<> rmdir_at(FdRef dir, const std::string& path) {
  if (::unlinkat(dir.raw(), path.c_str(), AT_REMOVEDIR) != 0) return fail_errno("rmdir ", path);
  return {};
}

Result<> rename_at(FdRef dir, const std::string& from, const std::string& to) {
  if (::renameat(dir.raw(), from.c_str(), dir.raw(), to.c_str()) != 0)
    return fail_errno("rename ", from, " to ", to);
  return {};
}

Result<> symlink_at(const std::string& target, FdRef dir, const std::string& path) {
  if (::symlinkat(target.c_str(), dir.raw(), path.c_str()) != 0)
    return fail_errno("symlink ", path, " to ", target);
  return {};
}

Result<> mknod_at(FdRef dir, const std::string& path, mode_t mode, dev_t device) {
  if (::mknodat(dir.raw(), path.c_str(), mode, device) != 0) return fail_errno("mknod ", path);
  return {};
}

Result<> fchmod(FdRef file, mode_t mode) {
  if (::fchmod(file.raw(), mode) != 0) return fail_errno("fchmod");
  return {};
}

Result<> fchown(FdRef file, uid_t uid, gid_t gid) {
  if (::fchownat(file.raw(), "", uid, gid, AT_EMPTY_PATH) != 0) return fail_errno("fchown");
  return {};
}

Result<std::string> readlink_at(FdRef dir, const std::string& path) {
  std::array<char, 4096> target;
  const ssize_t length = ::readlinkat(dir.raw(), path.c_str(), target.data(), target.size());
  if (length < 0) return fail_errno("readlink ", path);
  return std::string(target.data(), static_cast<std::size_t>(length));
}

Result<struct stat> fstat(FdRef file) {
  struct stat info{};
  if (::fstat(file.raw(), &info) != 0) return fail_errno("fstat");
  return info;
}

Result<struct stat> stat_at(FdRef dir, const std::string& path) {
  struct stat info{};
  if (::fstatat(dir.raw(), path.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
    return fail_errno("stat ", path);
  return info;
}

Result<struct stat> stat_of(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return fail_errno("stat ", path);
  return info;
}

Result<bool> exists_at(FdRef dir, const std::string& path) {
  Result<struct stat> info = stat_at(dir, path);
  if (info) return true;
  if (info.error().sys_errno() == ENOENT || info.error().sys_errno() == ENOTDIR) return false;
  return std::unexpected(std::move(info.error()));
}

Result<std::uint32_t> fs_magic(FdRef file) {
  struct statfs info{};
  if (::fstatfs(file.raw(), &info) != 0) return fail_errno("fstatfs");
  return static_cast<std::uint32_t>(info.f_type);
}

Result<bool> fs_read_only(FdRef file) {
  struct statvfs info{};
  if (::fstatvfs(file.raw(), &info) != 0) return fail_errno("fstatvfs");
  return (info.f_flag & ST_RDONLY) != 0;
}

Result<std::string> read_all(FdRef file, std::size_t limit) {
  std::string out;
  // One spare byte, so that a file that fits is read with one read and its end with another.
  struct stat info{};
  std::size_t chunk = 4096;
  if (::fstat(file.raw(), &info) == 0 && info.st_size > 0)
    chunk = static_cast<std::size_t>(info.st_size) + 1;
  while (true) {
    const std::size_t had = out.size();
    out.resize(had + std::min(chunk, limit + 1 - had));
    const ssize_t got =
        retry_eintr([&] { return ::read(file.raw(), out.data() + had, out.size() - had); });
    if (got < 0) return fail_errno("read");
    out.resize(had + static_cast<std::size_t>(got));
    if (got == 0) return out;
    if (out.size() > limit) return std::unexpected(Error::system(EFBIG, "read"));
  }
}

Result<std::string> read_file_at(FdRef dir, const std::string& path, std::size_t limit) {
  const Fd file = TRY(open_at(dir, path, O_RDONLY));
  return TRY_DOING(read_all(file, limit), path);
}

Result<std::string> read_some(FdRef file) {
  std::array<char, 8192> buffer;
  const ssize_t got = retry_eintr([&] { return ::read(file.raw(), buffer.data(), buffer.size()); });
  if (got < 0) return fail_errno("read");
  return std::string(buffer.data(), static_cast<std::size_t>(got));
}

Result<char> read_byte(FdRef file) {
  char byte = 0;
  const ssize_t got = retry_eintr([&] { return ::read(file.raw(), &byte, 1); });
  if (got < 0) return fail_errno("read");
  if (got == 0) return std::unexpected(Error::system(ENODATA, "read"));
  return byte;
}

Result<> write_all(FdRef file, std::string_view data) {
  while (!data.empty()) {
    const ssize_t put = retry_eintr([&] { return ::write(file.raw(), data.data(), data.size()); });
    if (put < 0) return fail_errno("write");
    data.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<> write_file_at(FdRef dir, const std::string& path, std::string_view data) {
  const Fd file = TRY(open_at(dir, path, O_WRONLY));
  const ssize_t put = retry_eintr([&] { return ::write(file.raw(), data.data(), data.size()); });
  if (put < 0) return fail_errno("write '", data, "' to ", path);
  if (static_cast<std::size_t>(put) != data.size())
    return std::unexpected(Error::system(EIO, cat("short write to ", path)));
  return {};
}

Result<> create_file_at(FdRef dir, const std::string& path, std::string_view data, mode_t mode) {
  const Fd file = TRY(open_at(dir, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode));
  TRY_DOING(write_all(file, data), path);
  return {};
}

Result<> copy_contents(FdRef from, FdRef to) {
  std::array<char, 65536> buffer;
  while (true) {
    const ssize_t moved =
        ::copy_file_range(from.raw(), nullptr, to.raw(), nullptr, std::size_t{1} << 30, 0);
    if (moved == 0) return {};
    if (moved > 0) continue;
    // EXDEV, EINVAL, EOPNOTSUPP: these two filesystems cannot; plain reading always can.
    const ssize_t got =
        retry_eintr([&] { return ::read(from.raw(), buffer.data(), buffer.size()); });
    if (got < 0) return fail_errno("read");
    if (got == 0) return {};
    TRY(write_all(to, std::string_view(buffer.data(), static_cast<std::size_t>(got))));
  }
}

Result<std::vector<std::string>> list_dir(FdRef dir) {
  // A descriptor of its own: closedir closes it, and it has an offset of its own.
  const int fd = ::openat(dir.raw(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return fail_errno("open directory");
  DIR* stream = ::fdopendir(fd);
  if (stream == nullptr) {
    const Fd closed(fd);
    return fail_errno("fdopendir");
  }
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  ::closedir(stream);
  return names;
}

Result<> cloexec_from(unsigned first) {
  if (::syscall(SYS_close_range, first, ~0U, abi::kCloseRangeCloexec) != 0)
    return fail_errno("close_range");
  return {};
}

Result<> close_all_except(std::vector<int> kept) {
  kept.push_back(2);
  std::ranges::sort(kept);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kept[i] < 2) continue;
    const auto first = static_cast<unsigned>(kept[i]) + 1;
    const unsigned last = i + 1 < kept.size() ? static_cast<unsigned>(kept[i + 1]) - 1 : ~0U;
    if (first > last) continue;
    if (::syscall(SYS_close_range, first, last, 0) != 0) return fail_errno("close_range");
  }
  return {};
}

Result<> set_cloexec(FdRef file, bool on) {
  if (::fcntl(file.raw(), F_SETFD, on ? FD_CLOEXEC : 0) != 0) return fail_errno("fcntl F_SETFD");
  return {};
}

Result<> flock_exclusive(FdRef file) {
  if (retry_eintr([&] { return ::flock(file.raw(), LOCK_EX); }) != 0) return fail_errno("flock");
  return {};
}

Result<> funlock(FdRef file) {
  if (::flock(file.raw(), LOCK_UN) != 0) return fail_errno("flock");
  return {};
}

Result<std::string> real_path(FdRef file) {
  return readlink_at(FdRef::cwd(), fd_path(file));
}

std::string fd_path(FdRef file) {
  return cat(host_paths::kProc, "/self/fd/", file.raw());
}

}  // namespace brig::sys
