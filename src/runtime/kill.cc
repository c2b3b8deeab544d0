#include <signal.h>

#include "container/id.h"
#include "linux/cgroup/control.h"
#include "runtime/container.h"
#include "runtime/runtime.h"
#include "sys/process.h"

namespace brig::runtime {

namespace {

Result<> signal_init(const Record& record, int signal) {
  const Fd init = TRY(open_init(record));
  if (!init) return not_running();
  const Result<> sent = sys::pidfd_send_signal(init, signal);
  if (!sent && sent.error().sys_errno() == ESRCH) return not_running();
  if (!sent) return fail(Errc::System, sent.error().message());
  return {};
}

Result<> signal_all(const Record& record, int signal) {
  // After the end of init, too: with a shared pid namespace its children may live on.
  if (record.cgroup.mode != CgroupMode::None) return kill_cgroup(record.cgroup, signal);
  // Without a cgroup only the end of a pid namespace reaches everybody.
  if (signal == SIGKILL && record.own_pid_namespace) return signal_init(record, signal);
  return fail(Errc::Unsupported, "the container has no cgroup that would tell its processes");
}

}  // namespace

Result<> kill(const Settings& settings, const KillOptions& options) {
  TRY(validate_id(options.id));
  const Container container = TRY(Container::open(settings, options.id));
  const Record& record = container.record;
  if (options.all) return signal_all(record, options.signal);
  TRY(signal_init(record, options.signal));
  if (options.signal != SIGKILL) return {};
  // Without a pid namespace of its own the end of init is not the end of the others; and frozen
  // v1 processes die only when they are thawed. kill_cgroup does both.
  const bool frozen = TRY(is_frozen(record.cgroup));
  if (record.own_pid_namespace && !frozen) return {};
  return kill_cgroup(record.cgroup, SIGKILL);
}

}  // namespace brig::runtime
