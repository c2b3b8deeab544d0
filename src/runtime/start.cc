#include <optional>

#include "base/wire.h"
#include "container/id.h"
#include "init/hook_state.h"
#include "init/protocol.h"
#include "linux/hooks/apply.h"
#include "runtime/container.h"
#include "runtime/exec_hint.h"
#include "runtime/notify.h"
#include "runtime/poststart.h"
#include "runtime/runtime.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig::runtime {

namespace {

Result<> check_startable(Status status) {
  switch (status) {
    case Status::Created:
      return {};
    case Status::Stopped:
      return fail(Errc::WrongState, "cannot start a container that has stopped");
    case Status::Running:
    case Status::Paused:
      return fail(Errc::WrongState, "cannot start an already running container");
    case Status::Creating:
      return fail(Errc::WrongState, "cannot start a container that is still being created");
  }
  std::unreachable();
}

// Init writes into the fifo only when it cannot execute the program, and closes it in any case.
// Its own startContainer hooks have timeouts of their own, so there is no other one here.
Result<std::optional<Failed>> wait_for_failure(FdRef result) {
  std::string data;
  while (true) {
    TRY(sys::wait_readable({result}, -1));
    const std::string part = TRY(sys::read_some(result));
    if (part.empty()) break;
    data += part;
  }
  if (data.empty()) return std::nullopt;
  Failed failed = TRY(wire::decode<Failed>(data));
  return failed;
}

Result<std::optional<Failed>> release(const ContainerDir& dir) {
  const Fd result = TRY(sys::open_beneath(dir.dir(), kResultFifo, O_RDONLY | O_NONBLOCK));
  {
    const Fd start = TRY(sys::open_beneath(dir.dir(), kStartFifo, O_WRONLY | O_NONBLOCK));
    TRY(sys::write_all(start, "0"));
  }
  return wait_for_failure(result);
}

// A startContainer hook that fails is the end of the container; a program that cannot be executed
// leaves it stopped.
Error explain(const Settings& settings, const Container& container, const Failed& failed) {
  Error error = Error::relayed(failed.code, failed.err, failed.text);
  if (!failed.by_start_hook) {
    explain_execve(error, container.record, container.dir);
    return error;
  }
  if (const Result<> gone = destroy(settings, container); !gone)
    error.add_context(cat("and ", gone.error().message()));
  return error;
}

struct Started {
  NotifyRelay notify;
  Fd init;  // where there is something to relay
};

Result<Started> open_relay(const Settings& settings, const Container& container,
                           const std::string& notify_socket) {
  Started started;
  started.notify = TRY(NotifyRelay::open(
      settings, container.dir, {.socket = notify_socket, .main_pid = container.record.pid}));
  if (started.notify)
    started.init = TRY(open_init(container.record));
  else if (!notify_socket.empty())
    settings.log(LogLevel::Warning,
                 "NOTIFY_SOCKET is not served: the container was created without it");
  return started;
}

Result<Started> start_locked(const Settings& settings, const StartOptions& options) {
  const Container container = TRY(Container::open_locked(settings, options.id));
  const Status status = TRY(status_of(container));
  TRY(check_startable(status));
  Started started = TRY(open_relay(settings, container, options.notify_socket));
  const std::optional<Failed> failed = TRY(release(container.dir));
  if (failed) return std::unexpected(explain(settings, container, *failed));
  const HookPlan hooks = TRY(saved_hooks(container.dir));
  TRY(run_poststart(settings, container, hooks));
  return started;
}

}  // namespace

Result<> start(const Settings& settings, const StartOptions& options) {
  TRY(validate_id(options.id));
  Started started = TRY(start_locked(settings, options));
  // The lock is free again: a container that is never ready can be deleted.
  if (!started.notify) return {};
  TRY(started.notify.wait_until_ready(started.init));
  started.notify.finish();
  return {};
}

}  // namespace brig::runtime
