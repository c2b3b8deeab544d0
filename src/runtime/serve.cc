#include "runtime/serve.h"

#include <memory>

#include "base/host_paths.h"
#include "base/match.h"
#include "init/hook_state.h"
#include "linux/hooks/apply.h"
#include "linux/ids/apply.h"
#include "linux/network/apply.h"
#include "runtime/seccomp_agent.h"
#include "sys/file.h"

namespace brig::runtime {

namespace {

using MaybeState = std::optional<InitState>;

class Server {
 public:
  Server(Launch& launch, std::vector<Fd>& fds) : launch_(launch), fds_(fds) {}

  Result<MaybeState> serve(const FromInit& message) {
    return std::visit(match{[&](const Failed& m) { return failed(m); },
                            [&](const Forked& m) { return forked(m); },
                            [&](const MapIdsRequest&) { return map_ids(); },
                            [&](const EnterCgroupRequest&) { return enter_cgroup(); },
                            [&](const MoveDevicesRequest&) { return move_devices(); },
                            [&](const RunHooksRequest&) { return run_hooks_of_parent(); },
                            [&](const TerminalReady&) { return take_terminal(); },
                            [&](const ListenerFollows&) { return hand_over_listener(); },
                            [&](const FilesystemMade&) { return unexpected(); },
                            [&](const MountsAdded&) { return unexpected(); },
                            [&](const Ready&) { return ready(); }},
                      message);
  }

 private:
  static Result<MaybeState> failed(const Failed& message) {
    return std::unexpected(Error::relayed(message.code, message.err, message.text));
  }

  // Only who changes a container's mounts says so (runtime/mounts.cc).
  static Result<MaybeState> unexpected() {
    return fail(Errc::Protocol, "an unexpected message of the container's process");
  }

  // The process that we made has passed its place on to a sibling and ends.
  Result<MaybeState> forked(const Forked& message) {
    sys::Child sibling = TRY(open_sibling(message.pid));
    ignore(sys::reap(launch_.process.child.pidfd), "its only task is done");
    launch_.process.child = std::move(sibling);
    TRY(limit_process(launch_));
    TRY(request_unit(launch_));
    return answer();
  }

  Result<MaybeState> enter_cgroup() {
    TRY(request_unit(launch_));
    TRY(await_unit(launch_));
    return answer();
  }

  Result<MaybeState> ready() {
    TRY(await_unit(launch_));
    return MaybeState(InitState::Ready);
  }

  Result<MaybeState> map_ids() {
    TRY(apply_id_maps(launch_.process.child.pid, launch_.plan.ids));
    return answer();
  }

  // On the undo stack before they are moved, for those that are when a later one cannot be. Once
  // the container is handed over the loan ends with the stack: it would keep the network namespace.
  Result<MaybeState> move_devices() {
    const Fd network = TRY(sys::open_at(
        FdRef::cwd(), cat(host_paths::kProc, "/", launch_.process.child.pid, "/ns/net"), O_RDONLY));
    auto lent = std::make_unique<NetworkLoan>();
    NetworkLoan& loan = *lent;
    launch_.undo.push("return the network devices",
                      [lent = std::move(lent)] { return undo_network(*lent); });
    TRY(apply_network(launch_.plan.network, network, loan));
    return answer();
  }

  // Hooks find the container's cgroup complete.
  Result<MaybeState> run_hooks_of_parent() {
    TRY(await_unit(launch_));
    const std::string state =
        hook_state_json(launch_.plan.init.identity, "creating", launch_.process.child.pid);
    const HookContext context = launch_.hook_output.context(state, launch_.bundle.dir);
    TRY(run_hooks(launch_.plan.hooks.prestart, context));
    TRY(run_hooks(launch_.plan.hooks.create_runtime, context));
    return answer();
  }

  Result<MaybeState> take_terminal() {
    if (fds_.size() != 1) return fail(Errc::Protocol, "a terminal without its master");
    launch_.terminal = std::move(fds_[0]);
    return MaybeState();
  }

  Result<MaybeState> hand_over_listener() {
    if (!launch_.plan.agent) return fail(Errc::Protocol, "a seccomp listener that nobody wants");
    TRY(hand_listener_to_agent(launch_.process, std::move(fds_), *launch_.plan.agent,
                               launch_.plan.init.identity, "creating"));
    return MaybeState();
  }

  Result<MaybeState> answer() {
    TRY(launch_.process.channel.send(Done{}));
    return MaybeState();
  }

  Launch& launch_;
  std::vector<Fd>& fds_;
};

}  // namespace

Result<InitState> serve_init(Launch& launch) {
  while (true) {
    std::vector<Fd> fds;
    // Waits on the channel alone: every holder of its other end is init itself or dies with it,
    // so an end of file always comes.
    const std::optional<FromInit> message = TRY(launch.process.channel.receive(&fds));
    if (!message) return InitState::Gone;
    const MaybeState state = TRY(Server(launch, fds).serve(*message));
    if (state) return *state;
  }
}

}  // namespace brig::runtime
