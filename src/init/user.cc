#include "init/user.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <string_view>

#include "base/text.h"
#include "linux/container_path.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig {

namespace {

constexpr std::size_t kMaxPasswd = std::size_t{1} << 20;  // the image controls the file

bool is_null_device(const struct stat& info) {
  return S_ISCHR(info.st_mode) && info.st_rdev == makedev(1, 3);
}

// Whose owner cannot be changed stays as it is: a read-only file system, a socket of a user
// namespace that does not know the uid.
bool is_tolerable(int err) {
  return err == EINVAL || err == EPERM || err == EROFS || err == EACCES;
}

Result<> give_to_user(FdRef stream, std::uint32_t uid) {
  const Result<struct stat> info = sys::fstat(stream);
  if (!info) return {};  // the caller closed it
  if (info->st_uid == uid || is_null_device(*info)) return {};
  Result<> given = sys::fchown(stream, uid, info->st_gid);
  if (!given && is_tolerable(given.error().sys_errno())) return {};
  return given;
}

// "name:password:uid:gid:gecos:home:shell"; field 2 is the uid, 5 the home.
std::string_view field(std::string_view line, int index) {
  for (; index > 0; --index) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return {};
    line.remove_prefix(colon + 1);
  }
  return line.substr(0, line.find(':'));
}

Result<std::string> read_passwd() {
  const Fd file = TRY(sys::open_in_root(FdRef::cwd(), "etc/passwd", O_RDONLY | O_NONBLOCK));
  const struct stat info = TRY(sys::fstat(file));
  if (!S_ISREG(info.st_mode)) return fail(Errc::Denied, "etc/passwd is not a regular file");
  return sys::read_all(file, kMaxPasswd);
}

}  // namespace

Result<> enter_working_directory(const std::string& cwd) {
  Result<> entered = sys::change_directory(cwd);
  if (!entered)
    entered.error().add_context(cat("chdir to cwd (\"", cwd, "\") set in config.json failed"));
  return entered;
}

Result<> check_inside_root(const std::string& cwd) {
  const std::string now = TRY(sys::current_directory());
  if (now.starts_with('/')) return {};
  return fail(Errc::Denied, cat("process.cwd: ", cwd, " leads out of the container"));
}

Result<> give_stdio_to_user(const CredentialPlan& credentials) {
  if (credentials.uid == 0) return {};
  for (const int stream : {0, 1, 2})
    TRY_DOING(give_to_user(FdRef::number(stream), credentials.uid), "chown stdio ", stream);
  return {};
}

std::string home_of(std::uint32_t uid) {
  const Result<std::string> passwd = read_passwd();
  if (!passwd) return "/";
  const std::string wanted = cat(uid);
  std::string_view rest = *passwd;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (field(line, 2) == wanted && !field(line, 5).empty()) return std::string(field(line, 5));
  }
  return "/";
}

}  // namespace brig
