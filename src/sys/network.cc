#include "sys/network.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "sys/fd.h"

namespace brig::sys {

Result<> bring_up_device(const char* name) {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("socket");
  ifreq request{};
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP;
  if (::ioctl(socket.raw(), SIOCSIFFLAGS, &request) != 0)
    return fail_errno("ioctl SIOCSIFFLAGS ", name);
  return {};
}

}  // namespace brig::sys
