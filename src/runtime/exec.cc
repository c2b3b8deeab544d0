#include <sys/stat.h>

#include <cerrno>

#include "base/host_paths.h"
#include "base/match.h"
#include "container/id.h"
#include "init/user.h"
#include "linux/cgroup/control.h"
#include "linux/cgroup/join.h"
#include "linux/lsm/plan.h"
#include "linux/resctrl/apply.h"
#include "linux/rlimits/apply.h"
#include "linux/scheduling/apply.h"
#include "runtime/container.h"
#include "runtime/entry_plan.h"
#include "runtime/exec_hint.h"
#include "runtime/exec_process.h"
#include "runtime/foreground.h"
#include "runtime/handles.h"
#include "runtime/runtime.h"
#include "runtime/seccomp_agent.h"
#include "runtime/seccomp_program.h"
#include "spec/load.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/scheduling.h"
#include "sys/signals.h"
#include "sys/socket.h"

namespace brig::runtime {

namespace {

// A process on its way into a container.
struct Entry {
  const Settings& settings;
  const ExecOptions& options;
  Container container;
  Fd init;  // a pidfd of the container's first process
  EntryPlan plan;
  Spawned process;
  Fd terminal;  // the pty master, when there is no console socket
};

Result<> check_enterable(const Container& container, const ExecOptions& options) {
  const Status status = TRY(status_of(container));
  switch (status) {
    case Status::Created:
    case Status::Running:
      return {};
    case Status::Paused:
      if (options.ignore_paused) return {};
      return fail(Errc::WrongState,
                  "cannot exec in a paused container (use --ignore-paused to override)");
    case Status::Stopped:
      return fail(Errc::WrongState, "cannot exec in a stopped container");
    case Status::Creating:
      return fail(Errc::WrongState, "cannot exec in a container that is still being created");
  }
  std::unreachable();
}

// ---- which process ---------------------------------------------------------------------------

Result<Fd> open_root_of(const Record& record) {
  return sys::open_at(FdRef::cwd(), cat(host_paths::kProc, "/", record.pid, "/root"),
                      O_PATH | O_DIRECTORY);
}

// Here, outside, no device rule of the container's holds, and to open a device or a fifo already
// does something: only what is a regular file is opened.
Result<std::string> read_regular_file(FdRef root, const std::string& path) {
  const Fd found = TRY(sys::open_in_root(root, path, O_PATH));
  const struct stat info = TRY(sys::fstat(found));
  if (!S_ISREG(info.st_mode)) return fail(Errc::Denied, cat(path, " is not a regular file"));
  const Fd file = TRY(sys::open_at(FdRef::cwd(), sys::fd_path(found), O_RDONLY));
  return sys::read_all(file, kLongestUserFile);
}

Result<UserDatabase> read_users(const Record& record) {
  const Fd root = TRY(open_root_of(record));
  UserDatabase users;
  if (Result<std::string> passwd = read_regular_file(root, kPasswdFile)) users.passwd = *passwd;
  if (Result<std::string> group = read_regular_file(root, kGroupFile)) users.group = *group;
  return users;
}

Result<spec::Process> process_of_file(const Settings& settings, const ExecOptions& options) {
  const std::string text =
      TRY_DOING(sys::read_file_at(FdRef::cwd(), options.process_file), "--process");
  std::vector<std::string> warnings;
  spec::Process process =
      TRY(spec::load_process({.name = options.process_file, .bytes = text}, warnings));
  for (const std::string& line : warnings) settings.log(LogLevel::Warning, line);
  process.terminal = process.terminal || options.terminal;
  return process;
}

Result<spec::Process> wanted_process(const Entry& entry, const spec::Spec& spec) {
  const ExecOptions& options = entry.options;
  if (!options.process_file.empty()) return process_of_file(entry.settings, options);
  if (options.args.empty()) return fail(Errc::BadConfig, "exec: no program to run");
  UserDatabase users;
  if (names_user(options)) users = TRY_DOING(read_users(entry.container.record), "--user");
  return plan_exec_process(*spec.process, options, users);
}

Result<> check_console(const ExecOptions& options, bool terminal) {
  const bool socket = !options.console_socket.empty();
  if (terminal && !socket && options.detach)
    return fail(Errc::BadConfig,
                "cannot allocate tty if brig will detach without setting console socket");
  if (socket && (!terminal || !options.detach))
    return fail(Errc::BadConfig,
                "cannot use console socket if brig will not detach or allocate tty");
  return {};
}

Result<> plan(Entry& entry) {
  const spec::Spec spec = TRY(saved_spec(entry.container.dir));
  const spec::Process process = TRY(wanted_process(entry, spec));
  TRY(check_console(entry.options, process.terminal));
  const Caller caller = TRY(probe_caller());
  LsmFacts lsm;
  if (asks_for_label(process)) lsm = TRY(probe_lsm_facts());
  entry.plan = TRY(plan_entry({.spec = spec,
                               .process = process,
                               .record = entry.container.record,
                               .caller = caller,
                               .lsm = lsm,
                               .preserved_fds = entry.options.preserve_fds,
                               .single_threaded = sys::is_single_threaded()}));
  for (const std::string& warning : entry.plan.init.credentials.warnings)
    entry.settings.log(LogLevel::Warning, warning);
  if (!entry.plan.seccomp) return {};
  entry.plan.init.seccomp = TRY(compiled_filter(entry.container.store, *entry.plan.seccomp));
  return {};
}

// ---- its birth -------------------------------------------------------------------------------

Result<> open_for_entry(Entry& entry, Inheritance& inheritance) {
  InheritedFds& fds = entry.plan.init.fds;
  fds = {};
  Fd pidfd = TRY(sys::pidfd_open(entry.container.record.pid));
  fds.container = inheritance.add(std::move(pidfd));
  if (entry.plan.shares_mounts) {
    Fd root = TRY(open_root_of(entry.container.record));
    fds.container_root = inheritance.add(std::move(root));
  }
  TRY(open_proc_for_label(entry.plan.init, inheritance));
  if (entry.options.console_socket.empty()) return {};
  Fd socket = TRY_DOING(sys::connect_stream(entry.options.console_socket), "console socket");
  fds.console_socket = inheritance.add(std::move(socket));
  return {};
}

// The processors on which brig makes the process, which inherits them; afterwards its own again.
class InitialAffinity {
 public:
  static Result<InitialAffinity> enter(const CpuMask& mask) {
    InitialAffinity entered;
    if (mask.empty()) return entered;
    entered.before_ = TRY(sys::own_affinity());
    TRY_DOING(apply_affinity(0, mask), "initial");
    return entered;
  }
  InitialAffinity(InitialAffinity&& other) noexcept : before_(std::exchange(other.before_, {})) {}
  InitialAffinity& operator=(InitialAffinity&&) = delete;
  ~InitialAffinity() { ignore(apply_affinity(0, before_), "brig only waits from here on"); }

 private:
  InitialAffinity() = default;
  CpuMask before_;
};

Result<> spawn_into(Entry& entry, const CgroupPaths& paths) {
  const CgroupHandles cgroup = TRY_DOING(open_joined_cgroup(paths), "join the container's cgroup");
  sys::BirthPlan birth{.cgroup = cgroup.v2_dir};
  for (const Fd& tasks : cgroup.v1_tasks) birth.cgroup_tasks.push_back(tasks.raw());
  Inheritance inheritance;
  TRY(open_for_entry(entry, inheritance));
  const InitialAffinity affinity = TRY(InitialAffinity::enter(entry.plan.affinity.initial));
  entry.process = TRY(spawn(entry.plan.init, inheritance, birth, entry.plan.form));
  return {};
}

Result<> spawn_in_cgroup(Entry& entry) {
  const Record& record = entry.container.record;
  const CgroupPaths paths = TRY(plan_joined_cgroup(record.cgroup, entry.options.cgroups));
  Result<> done = spawn_into(entry, paths);
  if (done || done.error().sys_errno() != EBUSY || !entry.options.cgroups.empty()) return done;
  const std::string own =
      TRY(sys::read_file_at(FdRef::cwd(), cat(host_paths::kProc, "/", record.pid, "/cgroup")));
  return spawn_into(entry, follow_v2_member(paths, own));
}

// A process that passes its place on may have done so before what we do to it.
Result<> limit_process(const Entry& entry) {
  const pid_t pid = entry.process.child.pid;
  const InitPlan& init = entry.plan.init;
  if (init.limits_by_parent) TRY(apply_rlimits(pid, init.rlimits));
  TRY(apply_affinity(pid, entry.plan.affinity.final));
  if (const auto& group = entry.container.record.resctrl) {
    const Fd resctrl = TRY_DOING(open_resctrl(), "linux.intelRdt");
    TRY_DOING(enter_resctrl(resctrl, *group, pid), "linux.intelRdt");
  }
  if (!entry.plan.oom_score_adj) return {};
  return sys::write_file_at(FdRef::cwd(), cat(host_paths::kProc, "/", pid, "/oom_score_adj"),
                            cat(*entry.plan.oom_score_adj));
}

Result<> limit(const Entry& entry) {
  TRY_DOING(limit_process(entry), "limit the process");
  return {};
}

// ---- its questions ---------------------------------------------------------------------------

class EntryServer {
 public:
  explicit EntryServer(Entry& entry) : entry_(entry) {}

  // Until the process says that it is ready, or its end of the channel closes.
  Result<> serve() {
    while (true) {
      fds_.clear();
      const std::optional<FromInit> message = TRY(entry_.process.channel.receive(&fds_));
      if (!message || std::holds_alternative<Ready>(*message)) return {};
      TRY(take(*message));
    }
  }

 private:
  Result<> take(const FromInit& message) {
    if (const auto* failed = std::get_if<Failed>(&message))
      return std::unexpected(Error::relayed(failed->code, failed->err, failed->text));
    if (const auto* forked = std::get_if<Forked>(&message)) return adopt(*forked);
    if (std::holds_alternative<ListenerFollows>(message)) return hand_over_listener();
    if (!std::holds_alternative<TerminalReady>(message) || fds_.size() != 1)
      return fail(Errc::Protocol, "an unexpected message of the process that enters");
    entry_.terminal = std::move(fds_[0]);
    return {};
  }

  Result<> hand_over_listener() {
    if (!entry_.plan.agent) return fail(Errc::Protocol, "a seccomp listener that nobody wants");
    return hand_listener_to_agent(entry_.process, std::move(fds_), *entry_.plan.agent,
                                  entry_.plan.init.identity, "running");
  }

  // The one inside goes on; the trampoline tells its number alone and waits for no answer.
  Result<> adopt(const Forked& forked) {
    sys::Child sibling = TRY(open_sibling(forked.pid));
    ignore(sys::reap(entry_.process.child.pidfd), "its task is done");
    entry_.process.child = std::move(sibling);
    if (fds_.empty()) return {};
    TRY(limit(entry_));
    return entry_.process.channel.send(Done{});
  }

  Entry& entry_;
  std::vector<Fd> fds_;
};

bool has_begun(const Entry& entry) {
  return entry.process.stage() == Stage::Program;
}

// From a process in the container's namespaces to a running program.
Result<> begin(Entry& entry) {
  if (!passes_its_place_on(entry.plan.init.namespaces)) TRY(limit(entry));
  EntryServer server(entry);
  if (entry.plan.init.announce_ready) TRY(server.serve());
  if (entry.terminal) adopt_window_size(entry.terminal);
  Result<> sent = entry.process.channel.send(Go{});
  // Who is gone already has left a message that says why.
  if (!sent && sent.error().sys_errno() != EPIPE) return sent;
  TRY(server.serve());
  if (!has_begun(entry)) return std::unexpected(entry.process.describe_death());
  return {};
}

Result<> begin_or_kill(Entry& entry) {
  Result<> done = begin(entry);
  if (done)
    done = hand_out_process(entry.process.child, {.pid_file = entry.options.pid_file,
                                                  .pidfd_socket = entry.options.pidfd_socket,
                                                  .pidfd_word = "setns"});
  if (done) return done;
  explain_execve(done.error(), entry.container.record, entry.container.dir, &entry.plan.init.exec);
  ignore(sys::pidfd_send_signal(entry.process.child.pidfd, SIGKILL), "dead already is fine");
  ignore(sys::reap(entry.process.child.pidfd), "as above");
  return done;
}

}  // namespace

Result<ExecOutcome> exec(const Settings& settings, const ExecOptions& options) {
  TRY(validate_id(options.id));
  const PreservedFds preserved = TRY(PreservedFds::keep(options.preserve_fds));
  Container container = TRY(Container::open(settings, options.id));
  TRY(check_enterable(container, options));
  Entry entry{.settings = settings, .options = options, .container = std::move(container)};
  TRY(plan(entry));
  // Meanwhile Ctrl-C and the like are the program's.
  sys::SignalQueue signals = TRY(sys::SignalQueue::open());
  TRY(spawn_in_cgroup(entry));
  TRY(begin_or_kill(entry));
  if (options.detach) return ExecOutcome{};
  NotifyRelay no_relay;
  const sys::ExitStatus status = TRY(attend({.child = entry.process.child,
                                             .terminal = entry.terminal,
                                             .signals = signals,
                                             .notify = no_relay}));
  return ExecOutcome{.exit_status = status.shell_code()};
}

}  // namespace brig::runtime
