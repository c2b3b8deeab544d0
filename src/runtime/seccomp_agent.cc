#include "runtime/seccomp_agent.h"

#include "base/json.h"
#include "init/hook_state.h"
#include "sys/process.h"
#include "sys/socket.h"

namespace brig::runtime {

namespace {

constexpr int kLookMs = 1;
constexpr std::int64_t kPatienceMs = 10'000;

// The process loads the filter right now, and tells the number in memory that it shares with us.
Result<Fd> take_listener(const Spawned& process) {
  const std::int64_t deadline = sys::monotonic_ms() + kPatienceMs;
  while (process.shared().listener == 0) {
    const std::vector<bool> ended = TRY(sys::wait_readable({process.child.pidfd}, kLookMs));
    if (ended[0]) return std::unexpected(process.describe_death());
    if (sys::monotonic_ms() > deadline)
      return fail(Errc::System, cat("no seccomp listener within ", kPatienceMs / 1000, " s"));
  }
  return sys::pidfd_getfd(process.child.pidfd, process.shared().listener);
}

}  // namespace

std::string container_process_state(const AgentMessage& message, pid_t pid) {
  json::Writer writer;
  writer.begin_object();
  writer.member("ociVersion", std::string_view(message.container.oci_version));
  writer.key("fds");
  writer.begin_array();
  writer.value("seccompFd");
  writer.end_array();
  writer.member("pid", static_cast<std::int64_t>(pid));
  writer.member("metadata", message.metadata);
  writer.key("state");
  write_hook_state(writer, message.container, message.status, pid);
  writer.end_object();
  return writer.take();
}

Result<bool> plan_sent_listener(const Caller& caller, const SeccompProfile& profile) {
  if (may_take_descriptors(caller)) return false;
  if (allows_always(profile, "sendmsg")) return true;
  return fail(Errc::Unsupported,
              "linux.seccomp: without CAP_SYS_PTRACE brig is sent the listener by the container's "
              "process, under the filter: let it have sendmsg, or run brig as root");
}

Result<> hand_listener_to_agent(const Spawned& process, std::vector<Fd> sent,
                                const SeccompListener& listener, const HookIdentity& container,
                                std::string_view status) {
  const Fd fd =
      sent.size() == 1 ? std::move(sent[0]) : TRY_DOING(take_listener(process), "linux.seccomp");
  const Fd agent = TRY_DOING(sys::connect_stream(listener.path), "linux.seccomp.listenerPath");
  const AgentMessage message{
      .container = container, .status = status, .metadata = listener.metadata};
  const FdRef handed = fd;
  const std::string state = container_process_state(message, process.child.pid);
  TRY_DOING(sys::send_message(agent, state, {&handed, 1}),
            "linux.seccomp.listenerPath: ", listener.path);
  return {};
}

}  // namespace brig::runtime
