// What brig can do, one function an operation. The command line is one caller; a program that
// embeds libbrig is another: nothing here prints, exits, installs signal handlers or keeps state
// between calls.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "spec/types.h"

namespace brig::runtime {

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };
enum class CgroupManager : std::uint8_t { Cgroupfs, Systemd, Disabled };
enum class Status : std::uint8_t { Creating, Created, Running, Paused, Stopped };

std::string_view name_of(Status status);  // "creating", "created", ...

// What holds for every operation of one invocation.
struct Settings {
  std::string root;  // state directory; see default_root()
  CgroupManager cgroup_manager = CgroupManager::Cgroupfs;
  std::string runtime_dir;  // $XDG_RUNTIME_DIR: where the systemd of a user listens
  std::function<void(LogLevel, std::string_view)> log = [](LogLevel, std::string_view) {};
};

// /run/brig for root; $XDG_RUNTIME_DIR/brig for anybody else and for root of a user namespace
// whose $USER is not root (runc's rule). `environment` looks a variable up ("" when unset).
std::string default_root(const std::function<std::string_view(std::string_view)>& environment);

struct CreateOptions {
  std::string id;
  std::string bundle = ".";
  std::string config = "config.json";  // relative to the bundle
  std::string console_socket;          // AF_UNIX path that receives the pty master
  std::string pidfd_socket;            // AF_UNIX path that receives a pidfd of init
  std::string pid_file;
  std::string notify_socket;  // $NOTIFY_SOCKET of the caller
  // As the annotation run.oci.seccomp.receiver, where there is none.
  std::string seccomp_receiver;
  unsigned preserve_fds = 0;    // 3 .. 3+N-1 stay open in the container
  unsigned listen_fds = 0;      // $LISTEN_FDS when $LISTEN_PID is ours; before the above
  std::string listen_fd_names;  // $LISTEN_FDNAMES
  bool no_pivot = false;        // MS_MOVE and chroot instead of pivot_root
  bool no_new_keyring = false;
};

struct RunOptions {
  CreateOptions create;
  bool detach = false;
  bool keep = false;  // leave the stopped container for `delete`
  bool no_subreaper = false;
};

struct RunOutcome {
  std::string id;
  int exit_status = 0;  // as a shell counts: 128 + N when signal N ended the container
};

struct ContainerState {
  std::string oci_version, id;
  Status status = Status::Stopped;
  pid_t pid = 0;  // of the host; 0 when stopped
  std::string bundle, rootfs;
  std::string created;  // RFC 3339, UTC, nanoseconds
  std::string owner;    // user name, or the number where there is no name
  std::map<std::string, std::string> annotations;
  std::string systemd_scope;  // the unit that systemd manages it by, if any
};

struct StartOptions {
  std::string id;
  std::string notify_socket;  // $NOTIFY_SOCKET of the caller
};

struct KillOptions {
  std::string id;
  int signal = 15;
  bool all = false;  // every process of the container's cgroup
};

// A further process in a container that is there. It gets the container's namespaces, cgroup,
// seccomp filter and, but for what is changed here, the process of the configuration that was
// saved at create.
struct ExecOptions {
  std::string id;
  std::string process_file;  // an OCI process as JSON: instead of everything down to `terminal`
  std::vector<std::string> args, env, capabilities;
  std::string cwd;
  std::string user;                          // "UID[:GID]", or names of the container's
  std::vector<std::string> additional_gids;  // numbers
  std::string apparmor_profile, selinux_label;
  std::optional<bool> no_new_privileges;  // absent: as the container's
  bool terminal = false;
  std::vector<std::string> cgroups;  // below the container's: "PATH", v1 also "CONTROLLER,...:PATH"
  std::string console_socket, pidfd_socket, pid_file;
  unsigned preserve_fds = 0;
  bool detach = false;
  bool ignore_paused = false;  // else a paused container is an error: the process would not run
};

struct ExecOutcome {
  int exit_status = 0;  // as with RunOutcome; 0 when detached
};

struct DeleteOptions {
  std::string id;
  bool force = false;  // SIGKILL first; no error when there is no such container
};

// A JSON document of linux.resources, as engines send it; or, without one, single changes.
struct UpdateOptions {
  std::string id;
  std::string document, document_name;
  spec::Resources changes;
  std::string l3_cache_schema, mem_bw_schema;  // of its group of resctrl
};

// A JSON list of mounts, as in a configuration.
struct MountsOptions {
  std::string id;
  std::string document, document_name;
};

Result<> create(const Settings& settings, const CreateOptions& options);
Result<RunOutcome> run(const Settings& settings, const RunOptions& options);
// With a notify socket they return when the program is ready, or has ended (run: only detached).
Result<> start(const Settings& settings, const StartOptions& options);
Result<ExecOutcome> exec(const Settings& settings, const ExecOptions& options);
Result<ContainerState> state(const Settings& settings, const std::string& id);
Result<> kill(const Settings& settings, const KillOptions& options);
Result<> remove(const Settings& settings, const DeleteOptions& options);  // the delete command
// From created or running; when some process does not stop in time, all run on.
Result<> pause(const Settings& settings, const std::string& id);
Result<> resume(const Settings& settings, const std::string& id);
// By the host's numbers, sorted: everybody in the container's cgroup and below it.
Result<std::vector<pid_t>> processes(const Settings& settings, const std::string& id);
// All of the changes or none. Later updates start from what this one leaves.
Result<> update(const Settings& settings, const UpdateOptions& options);
// While it runs; all of them or none. A relative source is below the bundle, as at create.
Result<> add_mounts(const Settings& settings, const MountsOptions& options);
// By their destinations, and only what add_mounts has added.
Result<> remove_mounts(const Settings& settings, const MountsOptions& options);
// Containers whose state cannot be read are reported through the log and left out.
Result<std::vector<ContainerState>> list(const Settings& settings);
// The ids below the root, sorted, without reading any state.
Result<std::vector<std::string>> list_ids(const Settings& settings);

}  // namespace brig::runtime
