// SCMP_ACT_NOTIFY: an agent of the host decides on system calls of the container. It gets the
// listener of the filter over the socket linux.seccomp.listenerPath (config-linux.md, "The
// Container Process State").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "init/plan.h"
#include "linux/seccomp/plan.h"
#include "runtime/caller.h"
#include "runtime/spawn.h"

namespace brig::runtime {

struct AgentMessage {
  const HookIdentity& container;
  std::string_view status;  // of the container: "creating", "running"
  std::string_view metadata;
};

// The JSON document that comes with the descriptor.
std::string container_process_state(const AgentMessage& message, pid_t pid);

// Whether the process has to send its listener itself, under the filter already. An error when that
// does not let it.
Result<bool> plan_sent_listener(const Caller& caller, const SeccompProfile& profile);

// Sends the listener of `process` to the agent: the one that came with its announcement, or else
// taken out of it.
Result<> hand_listener_to_agent(const Spawned& process, std::vector<Fd> sent,
                                const SeccompListener& listener, const HookIdentity& container,
                                std::string_view status);

}  // namespace brig::runtime
