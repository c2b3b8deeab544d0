#include "linux/rlimits/apply.h"

#include "sys/rlimit.h"

namespace brig {

namespace {

// prlimit says EPERM for one thing in two ways: a hard limit above the current one without
// CAP_SYS_RESOURCE, and RLIMIT_NOFILE above the sysctl fs.nr_open whatever the capabilities.
void explain_refusal(Error& error, pid_t pid, int resource) {
  const Result<sys::Rlimit> now = sys::get_rlimit(pid, resource);
  if (error.sys_errno() != EPERM || !now) return;
  error.add_context(cat("the hard limit here is ", limit_text(now->hard),
                        " and raising it needs CAP_SYS_RESOURCE"));
}

}  // namespace

Result<> apply_rlimits(pid_t pid, const RlimitPlan& plan) {
  for (const Rlimit& limit : plan) {
    Result<> done = sys::set_rlimit(pid, limit.resource, {.soft = limit.soft, .hard = limit.hard});
    if (!done) explain_refusal(done.error(), pid, limit.resource);
    TRY_DOING(std::move(done), "set ", rlimit_name(limit.resource), " to ", limit_text(limit.soft),
              ":", limit_text(limit.hard));
  }
  return {};
}

}  // namespace brig
