// Compiled filters, kept in a directory of brig's: libseccomp takes longer for Docker's profile
// than the kernel for a whole container.
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "linux/seccomp/plan.h"
#include "linux/seccomp/program.h"
#include "sys/fd.h"

namespace brig {

struct SeccompCache {
  FdRef dir = FdRef::none();  // mode 0700; none: no cache
  uid_t owner = 0;            // our effective uid: the files of others are not believed
};

// The program for `profile`: from the cache, or compiled and put there. The only errors are those
// of compiling; a cache that cannot be read, believed or written costs time and nothing else.
Result<SeccompProgram> compiled_seccomp(const SeccompProfile& profile, const SeccompCache& cache);

}  // namespace brig
