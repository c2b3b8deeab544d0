// A profile cannot list syscalls that did not exist when it was written, and a default of
// "operation not permitted" for them breaks programs: the C library tries a new syscall first and
// falls back to the old one only when told ENOSYS. So a syscall above the highest number that the
// profile names gets ENOSYS. Either way it is refused.
#pragma once

#include <string>

#include "linux/seccomp/plan.h"

namespace brig {

// BPF that returns ENOSYS for those and continues behind its own end for all others. Empty where
// the default action is not SCMP_ACT_ERRNO, or is ENOSYS already: who asks for newer syscalls to
// be killed, trapped, traced or allowed means it.
std::string newer_syscalls_prologue(const SeccompProfile& profile);

}  // namespace brig
