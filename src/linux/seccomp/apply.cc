#include "linux/seccomp/apply.h"

#include <linux/seccomp.h>

#include "sys/seccomp.h"

namespace brig {

namespace {

constexpr std::uint32_t kSpecAllow = SECCOMP_FILTER_FLAG_SPEC_ALLOW;

void explain_refusal(Error& error) {
  if (error.sys_errno() == EACCES)
    error.add_context("it needs CAP_SYS_ADMIN or process.noNewPrivileges");
  if (error.sys_errno() == EINVAL)
    error.add_context("the kernel does not know an action or a flag of the profile");
}

// One flag may be left out on a kernel that lacks it (before Linux 4.17): SPEC_ALLOW, which only
// makes the filter cheaper and less strict. LOG and WAIT_KILLABLE_RECV were asked for, and
// leaving them out in silence would break a promise.
Result<Fd> load(const SeccompProgram& program) {
  Result<Fd> loaded = sys::seccomp_set_filter(program.bpf, program.flags);
  if (!loaded && loaded.error().sys_errno() == EINVAL && (program.flags & kSpecAllow) != 0)
    loaded = sys::seccomp_set_filter(program.bpf, program.flags & ~kSpecAllow);
  if (!loaded) explain_refusal(loaded.error());
  return TRY_DOING(std::move(loaded), "load the seccomp filter");
}

bool notifies(const SeccompProgram& program) {
  return (program.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0;
}

}  // namespace

Result<> apply_seccomp(const SeccompProgram& program) {
  if (notifies(program))
    return fail(Errc::Unsupported, "linux.seccomp: nobody serves SCMP_ACT_NOTIFY here");
  const Fd none = TRY(load(program));
  return {};
}

Result<Fd> open_seccomp_listener(const SeccompProgram& program) {
  if (!notifies(program))
    return fail(Errc::Unsupported, "linux.seccomp: no rule has SCMP_ACT_NOTIFY");
  return load(program);
}

}  // namespace brig
