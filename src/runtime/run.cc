#include "container/id.h"
#include "runtime/container.h"
#include "runtime/exec_hint.h"
#include "runtime/foreground.h"
#include "runtime/handles.h"
#include "runtime/launch.h"
#include "runtime/notify.h"
#include "runtime/poststart.h"
#include "runtime/runtime.h"
#include "runtime/serve.h"
#include "sys/signals.h"

namespace brig::runtime {

namespace {

struct Ran {
  std::unique_ptr<Launch> launch;
  NotifyRelay notify;
  int exit_status = 0;
};

// Sends the Go and waits until the program runs, or is known not to.
Result<> release(Launch& launch) {
  Result<> sent = launch.process.channel.send(Go{});
  // Init that is gone already has left a message that says why.
  if (!sent && sent.error().sys_errno() != EPIPE) return sent;
  TRY(serve_init(launch));
  // The channel closes at the execve, or with the death of init before it: the recorder tells.
  if (launch.process.stage() == Stage::Program) return {};
  return std::unexpected(launch.process.describe_death());
}

Container as_container(Launch& launch) {
  return {.store = std::move(launch.store),
          .dir = std::move(launch.container),
          .record = launch.record};
}

// In the foreground brig is the process of the service, and removes the container when it ends.
Result<NotifyRelay> open_relay(const RunOptions& options, const Launch& launch) {
  const pid_t main_pid = options.detach ? launch.process.child.pid : sys::own_pid();
  return NotifyRelay::open(launch.settings, launch.container,
                           {.socket = launch.options.notify_socket, .main_pid = main_pid});
}

// From a waiting init to a running program.
Result<> begin(const RunOptions& options, Ran& ran) {
  TRY(hand_out_process(ran.launch->process.child,
                       HandOut::of(ran.launch->options, ran.launch->record.annotations)));
  ran.notify = TRY(open_relay(options, *ran.launch));
  if (ran.launch->terminal) adopt_window_size(ran.launch->terminal);
  return release(*ran.launch);
}

// Unless somebody else has removed it meanwhile.
Result<> remove_ended(const Settings& settings, const Container& ended, const HookPlan& hooks) {
  Result<> locked = ended.dir.lock();
  if (!locked && locked.error().code() == Errc::NotFound) return {};
  if (!locked) return locked;
  return destroy(settings, ended, hooks);
}

Result<int> run_made(const RunOptions& options, Ran& ran, sys::SignalQueue& signals) {
  Launch& launch = *ran.launch;
  if (Result<> begun = begin(options, ran); !begun) {
    explain_execve(begun.error(), launch.record, launch.container);
    abandon(launch, begun.error());
    return std::unexpected(std::move(begun.error()));
  }
  launch.undo.disarm();
  const Settings& settings = launch.settings;
  const HookPlan hooks = launch.plan.hooks;
  const Container container = as_container(launch);
  TRY(run_poststart(settings, container, hooks));
  if (options.detach) return 0;
  // While it runs anybody may stop and remove it.
  TRY(container.dir.unlock());
  const sys::ExitStatus status = TRY(attend({.child = launch.process.child,
                                             .terminal = launch.terminal,
                                             .signals = signals,
                                             .notify = ran.notify}));
  if (!options.keep) TRY(remove_ended(settings, container, hooks));
  return status.shell_code();
}

// Until the end of the container, or its start when it is detached. Meanwhile Ctrl-C and the like
// are the container's.
Result<Ran> launch_and_attend(const Settings& settings, const RunOptions& options) {
  sys::SignalQueue signals = TRY(sys::SignalQueue::open());
  if (!options.detach && !options.no_subreaper) TRY(sys::set_subreaper());
  Ran ran;
  ran.launch = TRY(launch(settings, options.create, {Released::ByCaller, !options.detach}));
  ran.exit_status = TRY(run_made(options, ran, signals));
  return ran;
}

}  // namespace

Result<RunOutcome> run(const Settings& settings, const RunOptions& options) {
  Ran ran = TRY(launch_and_attend(settings, options));
  // Signals are ours again, and end no more than the waiting.
  if (options.detach) TRY(ran.notify.wait_until_ready(ran.launch->process.child.pidfd));
  ran.notify.finish();
  return RunOutcome{.id = options.create.id, .exit_status = ran.exit_status};
}

}  // namespace brig::runtime
