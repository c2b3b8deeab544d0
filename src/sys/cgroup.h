// The few system calls that only cgroup code needs.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/error.h"
#include "sys/fd.h"

namespace brig::sys {

// statfs(2)
struct MountedFs {
  std::uint32_t magic = 0;
  bool read_only = false;  // the mount or the filesystem
};
Result<MountedFs> filesystem_at(const std::string& path);

// faccessat2(2) with W_OK for the effective ids. False whatever the reason.
bool may_write(const std::string& path);

// fchownat(2); the group stays.
Result<> chown_at(FdRef dir, const std::string& name, uid_t owner);

// poll(2) for POLLPRI: a kernfs file such as cgroup.events has changed since it was last read.
// False after the timeout.
Result<bool> wait_changed(FdRef file, int timeout_ms);

}  // namespace brig::sys
