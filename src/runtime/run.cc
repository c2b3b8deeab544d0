#include "container/id.h"
#include "runtime/container.h"
#include "runtime/foreground.h"
#include "runtime/handles.h"
#include "runtime/launch.h"
#include "runtime/poststart.h"
#include "runtime/runtime.h"
#include "runtime/serve.h"
#include "sys/signals.h"

namespace brig::runtime {

namespace {

// Sends the Go and waits until the program runs, or is known not to.
Result<> release(Launch& launch) {
  TRY(launch.channel.send(Go{}));
  TRY(serve_init(launch));
  // The channel closes at the execve, or with the death of init before it: the recorder tells.
  if (launch.stage() == Stage::Program) return {};
  return std::unexpected(describe_death(launch));
}

Container as_container(Launch& launch) {
  return {.store = std::move(launch.store),
          .dir = std::move(launch.container),
          .record = launch.record};
}

Result<int> attend_to_end(Launch& launch, sys::SignalQueue& signals) {
  const sys::ExitStatus status =
      TRY(attend({.child = launch.child, .terminal = launch.terminal, .signals = signals}));
  return status.shell_code();
}

Result<int> run_made(const RunOptions& options, Launch& launch, sys::SignalQueue& signals) {
  TRY(hand_out_process(launch));
  TRY(release(launch));
  launch.undo.disarm();
  const Settings& settings = launch.settings;
  const HookPlan hooks = launch.plan.hooks;
  const Container container = as_container(launch);
  TRY(run_poststart(settings, container, hooks));
  if (options.detach) return 0;
  const int status = TRY(attend_to_end(launch, signals));
  if (!options.keep) TRY(destroy(settings, container, hooks));
  return status;
}

}  // namespace

Result<RunOutcome> run(const Settings& settings, const RunOptions& options) {
  RunOptions chosen = options;
  if (chosen.create.id.empty()) chosen.create.id = TRY(pick_id());
  // From here on Ctrl-C and the like are the container's.
  sys::SignalQueue signals = TRY(sys::SignalQueue::open());
  if (!chosen.detach && !chosen.no_subreaper) TRY(sys::set_subreaper());
  const std::unique_ptr<Launch> made =
      TRY(launch(settings, chosen.create, {Released::ByCaller, !chosen.detach}));
  const int status = TRY(run_made(chosen, *made, signals));
  return RunOutcome{.id = chosen.create.id, .exit_status = status};
}

}  // namespace brig::runtime
