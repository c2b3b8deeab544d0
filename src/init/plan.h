// Everything that the container's init process has to do, as plain data. The parent makes it,
// base/wire.h carries it across the execve, and isolate() follows it from top to bottom.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "linux/credentials/plan.h"
#include "linux/device/plan.h"
#include "linux/hooks/plan.h"
#include "linux/keyring/plan.h"
#include "linux/lsm/plan.h"
#include "linux/memory_policy/plan.h"
#include "linux/mount/live/plan.h"
#include "linux/mount/plan.h"
#include "linux/namespaces/plan.h"
#include "linux/personality/plan.h"
#include "linux/rlimits/plan.h"
#include "linux/scheduling/plan.h"
#include "linux/seccomp/program.h"
#include "linux/sysctl/plan.h"

namespace brig {

// Numbers of descriptors that init inherits; -1: none.
struct InheritedFds {
  std::int32_t channel = -1;              // to the parent (init/channel.h)
  std::vector<std::int32_t> trees;        // for MountPlan::trees
  std::vector<std::int32_t> joins;        // for NamespacePlan::joins
  std::vector<std::int32_t> filesystems;  // for MountPlan::steps, where another has made them
  std::int32_t console_socket = -1;       // receives the pty master; without one the parent does
  std::int32_t hooks_output = -1;         // of hooks inside the container; -1: kept for the error
  std::int32_t hooks_error = -1;
  std::int32_t start_fifo = -1;      // create: read here until somebody starts the container
  std::int32_t result_fifo = -1;     // create: why the program could not be executed
  std::int32_t trampoline = -1;      // executes the program; without it init does so itself
  std::int32_t proc = -1;            // the host's procfs, for the label
  std::int32_t container = -1;       // enters: a pidfd of the container's init
  std::int32_t container_root = -1;  // enters: the root, where no mount namespace leads to it
};

// What hooks learn about the container (runtime.md, "State").
struct HookIdentity {
  std::string oci_version, id, bundle;
  std::map<std::string, std::string> annotations;
};

struct TerminalPlan {
  std::uint16_t rows = 0, columns = 0;  // 0: as the terminal is
  bool operator==(const TerminalPlan&) const = default;
};

struct ExecPlan {
  std::vector<std::string> argv, envp;
  std::string cwd;
  bool add_home = false;           // HOME is not set: the home directory of the user, or "/"
  std::optional<LabelPlan> label;  // from the execve on
};

// In place of a program: the mounts of a container that is there change.
struct MountChange {
  std::vector<LiveMount> removed;  // none: InitPlan::mounts are added
  // Where the parent may not clone what is bound, this process does so on its way, here.
  NamespacePlan source;
  // Only make the file systems, and hand them to the parent. procfs shows the pid namespace of who
  // makes it: that process can be seen from inside, and is to have nothing of the host's.
  bool only_makes = false;
};

struct InitPlan {
  NamespacePlan namespaces;
  RlimitPlan rlimits;
  bool limits_by_parent = false;  // a user namespace may not raise them
  std::string hostname, domainname;
  MountPlan mounts;
  DevicePlan devices;
  std::optional<TerminalPlan> terminal;
  SysctlPlan sysctls;
  std::optional<KeyringPlan> keyring;
  std::optional<PersonalityPlan> personality;
  SchedulingPlan scheduling;
  std::optional<MemoryPolicyPlan> memory_policy;
  CredentialPlan credentials;
  std::optional<SeccompProgram> seccomp;
  bool notifies = false;        // the filter has a listener, which the parent hands to an agent
  bool sends_listener = false;  // to a parent that may not take it out of this process
  HookIdentity identity;
  bool hooks_of_parent = false;  // prestart and createRuntime exist
  std::vector<Hook> create_container, start_container;
  ExecPlan exec;
  // Where the parent may not write it from outside.
  std::optional<std::int32_t> oom_score_adj;
  bool awaits_cgroup = false;   // systemd has to be done with it before anything else
  bool awaits_devices = false;  // of the host's network, which the parent moves
  bool announce_ready = false;  // tell the parent before waiting for its Go
  bool enters = false;          // a container that is there (exec), instead of making one
  std::optional<MountChange> mount_change;
  std::uint32_t preserved_fds = 0;  // 3 .. 3+N-1 stay open
  InheritedFds fds;
};

// With no_new_privs the filter needs no privilege, so that it is loaded right before the execve and
// need not allow what comes before. One that notifies is loaded while the parent is still there.
inline bool is_filter_last(const InitPlan& plan) {
  return plan.credentials.no_new_privileges && !plan.notifies;
}

// The process that enters stays outside of the container's pid namespace, where nobody in the
// container can see it; only the trampoline's child is inside.
inline bool is_born_by_trampoline(const InitPlan& plan) {
  return plan.enters && plan.fds.trampoline >= 0;
}

}  // namespace brig
