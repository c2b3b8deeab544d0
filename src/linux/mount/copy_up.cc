#include "linux/mount/copy_up.h"

#include <sys/stat.h>

#include <string>

#include "sys/file.h"

namespace brig {

namespace {

constexpr int kDeepest = 128;  // nested directories; an image has no honest need for more

Result<> copy_directory(FdRef from, FdRef to, int depth);

Result<> copy_file(FdRef from, FdRef to, const std::string& name, const struct stat& info) {
  const Fd source = TRY(sys::open_beneath(from, name, O_RDONLY));
  const Fd copy = TRY(sys::open_at(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
  TRY(sys::copy_contents(source, copy));
  TRY(sys::fchown(copy, info.st_uid, info.st_gid));
  return sys::fchmod(copy, info.st_mode & 07777);
}

Result<> copy_subdirectory(FdRef from, FdRef to, const std::string& name, int depth) {
  const Fd source = TRY(sys::open_beneath(from, name, O_RDONLY | O_DIRECTORY));
  const struct stat info = TRY(sys::fstat(source));
  TRY(sys::mkdir_at(to, name, 0700));
  const Fd copy = TRY(sys::open_beneath(to, name, O_RDONLY | O_DIRECTORY));
  TRY(copy_directory(source, copy, depth + 1));
  TRY(sys::fchown(copy, info.st_uid, info.st_gid));
  return sys::fchmod(copy, info.st_mode & 07777);
}

Result<> copy_entry(FdRef from, FdRef to, const std::string& name, int depth) {
  const struct stat info = TRY(sys::stat_at(from, name));
  if (S_ISDIR(info.st_mode)) return copy_subdirectory(from, to, name, depth);
  if (S_ISREG(info.st_mode)) return copy_file(from, to, name, info);
  if (!S_ISLNK(info.st_mode)) return {};
  const std::string target = TRY(sys::readlink_at(from, name));
  return sys::symlink_at(target, to, name);
}

Result<> copy_directory(FdRef from, FdRef to, int depth) {
  if (depth > kDeepest) return fail(Errc::Denied, "directories nested too deeply");
  const std::vector<std::string> names = TRY(sys::list_dir(from));
  for (const std::string& name : names) TRY_DOING(copy_entry(from, to, name, depth), "copy ", name);
  return {};
}

}  // namespace

Result<> copy_up(FdRef from, FdRef to) {
  return copy_directory(from, to, 0);
}

}  // namespace brig
