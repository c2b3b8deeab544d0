#include "sys/seccomp.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

namespace brig::sys {

Result<Fd> seccomp_set_filter(std::string_view program, std::uint32_t flags) {
  const std::size_t count = program.size() / sizeof(sock_filter);
  if (program.size() % sizeof(sock_filter) != 0 || count == 0 || count > BPF_MAXINSNS)
    return std::unexpected(Error::system(EINVAL, cat("seccomp: ", program.size(), " bytes")));
  sock_fprog filter{};
  filter.len = static_cast<unsigned short>(count);
  // The kernel only reads it; struct sock_fprog has no const.
  filter.filter = const_cast<sock_filter*>(reinterpret_cast<const sock_filter*>(program.data()));
  const long done = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
  if (done < 0) return fail_errno("seccomp");
  if ((flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) == 0) return Fd();
  return Fd(static_cast<int>(done));
}

}  // namespace brig::sys
