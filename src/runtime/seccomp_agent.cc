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

Result<> hand_listener_to_agent(const Spawned& process, const SeccompListener& listener,
                                const HookIdentity& container, std::string_view status) {
  const Fd fd = TRY_DOING(take_listener(process), "linux.seccomp");
  const Fd agent = TRY_DOING(sys::connect_stream(listener.path), "linux.seccomp.listenerPath");
  const AgentMessage message{
      .container = container, .status = status, .metadata = listener.metadata};
  const FdRef sent = fd;
  const std::string state = container_process_state(message, process.child.pid);
  TRY_DOING(sys::send_message(agent, state, {&sent, 1}),
            "linux.seccomp.listenerPath: ", listener.path);
  return {};
}

}  // namespace brig::runtime
