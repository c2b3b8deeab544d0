#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "linux/seccomp/plan.h"

namespace brig {

// The profile as an array of struct sock_filter, for all its architectures. Takes milliseconds:
// see cache.h. Names of syscalls that libseccomp does not know are skipped, as everywhere.
Result<std::string> compile_seccomp(const SeccompProfile& profile);

// Those of the names.
std::vector<std::string> unknown_syscalls(const std::vector<std::string>& names);

}  // namespace brig
