#pragma once

#include "base/error.h"
#include "linux/seccomp/program.h"
#include "sys/fd.h"

namespace brig {

// From here on the calling process, and what it executes, is under the filter. Needs CAP_SYS_ADMIN
// in its user namespace or no_new_privs. Refuses a program that notifies.
Result<> apply_seccomp(const SeccompProgram& program);

// As apply_seccomp for a program that notifies: its listener.
Result<Fd> open_seccomp_listener(const SeccompProgram& program);

}  // namespace brig
