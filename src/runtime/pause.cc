#include "container/id.h"
#include "linux/cgroup/control.h"
#include "runtime/container.h"
#include "runtime/runtime.h"
#include "sys/process.h"

namespace brig::runtime {

namespace {

// A process that is inside the kernel stops only when it comes back; one on a dead network
// filesystem may never do.
constexpr std::int64_t kFreezeMs = 10'000;

Result<> check_pausable(Status status) {
  switch (status) {
    case Status::Created:
    case Status::Running:
      return {};
    case Status::Paused:
      return fail(Errc::WrongState, "container not running: it is paused already");
    case Status::Creating:
    case Status::Stopped:
      return not_running();
  }
  std::unreachable();
}

}  // namespace

Result<> pause(const Settings& settings, const std::string& id) {
  TRY(validate_id(id));
  const Container container = TRY(Container::open_locked(settings, id));
  const Status status = TRY(status_of(container));
  TRY(check_pausable(status));
  return freeze_cgroup(container.record.cgroup, CgroupFreeze::Freeze,
                       sys::monotonic_ms() + kFreezeMs);
}

Result<> resume(const Settings& settings, const std::string& id) {
  TRY(validate_id(id));
  const Container container = TRY(Container::open_locked(settings, id));
  // The cgroup and not the status is asked: when init was killed while it was frozen, what else is
  // in the cgroup still stands still.
  const bool frozen = TRY(is_frozen(container.record.cgroup));
  if (!frozen) return fail(Errc::WrongState, "container not paused");
  return freeze_cgroup(container.record.cgroup, CgroupFreeze::Thaw, 0);
}

}  // namespace brig::runtime
