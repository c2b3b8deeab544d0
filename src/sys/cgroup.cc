#include "sys/cgroup.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "sys/retry.h"

namespace brig::sys {

Result<MountedFs> filesystem_at(const std::string& path) {
  struct statfs info{};
  if (::statfs(path.c_str(), &info) != 0) return fail_errno("statfs ", path);
  return MountedFs{.magic = static_cast<std::uint32_t>(info.f_type),
                   .read_only = (info.f_flags & ST_RDONLY) != 0};
}

bool may_write(const std::string& path) {
  return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

Result<> chown_at(FdRef dir, const std::string& name, uid_t owner) {
  constexpr auto kSameGroup = static_cast<gid_t>(-1);
  if (::fchownat(dir.raw(), name.c_str(), owner, kSameGroup, AT_SYMLINK_NOFOLLOW) != 0)
    return fail_errno("fchownat ", name, " ", owner);
  return {};
}

Result<bool> wait_changed(FdRef file, int timeout_ms) {
  pollfd polled{.fd = file.raw(), .events = POLLPRI, .revents = 0};
  const int ready = retry_eintr([&] { return ::poll(&polled, 1, timeout_ms); });
  if (ready < 0) return fail_errno("poll");
  return ready > 0;
}

}  // namespace brig::sys
