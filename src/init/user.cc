#include "init/user.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <optional>

#include "init/seccomp.h"
#include "linux/credentials/passwd.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig {

namespace {

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

// A filter needs no_new_privs or CAP_SYS_ADMIN. With the first it is loaded as late as possible,
// by exec_program(), so that it need not allow what comes before; without it, before the
// capability is dropped, and after all that can be done before.
Result<> drop_privileges(const Init& init, Setgroups setgroups) {
  const CredentialPlan& credentials = init.plan.credentials;
  if (credentials.no_new_privileges)
    TRY(apply_no_new_privs());
  else if (init.plan.seccomp)
    TRY(load_filter(init));
  TRY(apply_bounding(credentials));
  TRY(apply_user(credentials, setgroups));
  TRY(apply_capabilities(credentials));
  return {};
}

Result<> enter_working_directory(const std::string& cwd) {
  Result<> entered = sys::change_directory(cwd);
  if (!entered)
    entered.error().add_context(cat("chdir to cwd (\"", cwd, "\") set in config.json failed"));
  return entered;
}

// The kernel must agree that the current directory is inside the root: a path through a
// descriptor of the host would be "(unreachable)" (CVE-2024-21626).
Result<> check_inside_root(const std::string& cwd) {
  const std::string now = TRY(sys::current_directory());
  if (now.starts_with('/')) return {};
  return fail(Errc::Denied, cat("process.cwd: ", cwd, " leads out of the container"));
}

// Pipes and files that the caller opened become the user's, so that /dev/stdout can be reopened.
Result<> give_stdio_to_user(const CredentialPlan& credentials) {
  if (credentials.uid == 0) return {};
  for (const int stream : {0, 1, 2})
    TRY_DOING(give_to_user(FdRef::number(stream), credentials.uid), "chown stdio ", stream);
  return {};
}

// What it opens the device rules of the container allow; a fifo is not waited for.
Result<std::string> read_passwd() {
  const Fd root = TRY(sys::open_at(FdRef::cwd(), "/", O_PATH | O_DIRECTORY));
  const Fd file = TRY(sys::open_in_root(root, kPasswdFile, O_RDONLY | O_NONBLOCK));
  const struct stat info = TRY(sys::fstat(file));
  if (!S_ISREG(info.st_mode)) return fail(Errc::Denied, "not a regular file");
  return sys::read_all(file, kLongestUserFile);
}

}  // namespace

Result<> become_user(const Init& init, Setgroups setgroups) {
  const InitPlan& plan = init.plan;
  apply_umask(plan.credentials);
  // Nothing of the host's may be left open: 0, 1, 2 and what the caller asked to keep.
  TRY(sys::cloexec_from(3 + plan.preserved_fds));
  // Once with the privilege to enter directories that the user cannot, once without: a root that
  // a server squashes to nobody is the other way round.
  const Result<> entered = sys::change_directory(plan.exec.cwd);
  if (entered) TRY(check_inside_root(plan.exec.cwd));
  TRY(give_stdio_to_user(plan.credentials));
  TRY(drop_privileges(init, setgroups));
  // From here on the process has the container's credentials and nothing more.

  if (entered) return {};
  TRY(enter_working_directory(plan.exec.cwd));
  return check_inside_root(plan.exec.cwd);
}

std::string home_of(std::uint32_t uid) {
  const Result<std::string> passwd = read_passwd();
  if (!passwd) return "/";
  const std::optional<PasswdEntry> user = find_user(*passwd, uid);
  return user && !user->home.empty() ? std::string(user->home) : "/";
}

}  // namespace brig
