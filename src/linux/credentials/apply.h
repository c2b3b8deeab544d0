// The steps in the order in which they work; seccomp comes before the first of them without
// no_new_privs, and after the last of them with it.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "linux/credentials/plan.h"
#include "sys/fd.h"

namespace brig {

// Needs CAP_SETPCAP: before the user changes and the capabilities go.
Result<> apply_bounding(const CredentialPlan& plan);

// What user_namespaces(7) calls /proc/PID/setgroups, of the namespace that the process is in.
enum class Setgroups : std::uint8_t { Allowed, Denied };
// `proc`: a procfs that shows this process. Asks only where the plan does not know.
Result<Setgroups> probe_setgroups(const CredentialPlan& plan, FdRef proc);

// Groups, gid, uid. The parent-death signal does not survive a change of the uid (prctl(2)).
Result<> apply_user(const CredentialPlan& plan, Setgroups setgroups);

// The other four sets. Returns those ambient ones that the kernel would not raise, for a warning;
// fewer capabilities than asked for is never unsafe.
Result<std::uint64_t> apply_capabilities(const CredentialPlan& plan);

Result<> apply_no_new_privs();

void apply_umask(const CredentialPlan& plan);

}  // namespace brig
