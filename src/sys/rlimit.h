// Resource limits of a process.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "base/error.h"

namespace brig::sys {

// UINT64_MAX is "unlimited", in the kernel as in config.json.
struct Rlimit {
  std::uint64_t soft = 0, hard = 0;
};

// prlimit(2); pid 0 is the calling process. `resource` is a RLIMIT_* number.
Result<Rlimit> get_rlimit(pid_t pid, int resource);
Result<> set_rlimit(pid_t pid, int resource, const Rlimit& limit);

}  // namespace brig::sys
