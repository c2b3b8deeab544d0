#include "runtime/launch.h"

#include <cerrno>

#include "base/host_paths.h"
#include "base/version.h"
#include "container/id.h"
#include "init/trampoline.h"
#include "linux/cgroup/control.h"
#include "linux/cgroup/ownership/apply.h"
#include "linux/mount/apply.h"
#include "linux/resctrl/apply.h"
#include "linux/rlimits/apply.h"
#include "runtime/container.h"
#include "runtime/host_plan.h"
#include "runtime/mount_ids.h"
#include "runtime/notify.h"
#include "runtime/seccomp_program.h"
#include "runtime/serve.h"
#include "runtime/time_text.h"
#include "spec/annotations.h"
#include "sys/file.h"
#include "sys/proc_stat.h"

namespace brig::runtime {

namespace {

Result<> plan_launch(Launch& launch) {
  HostPlan planned = plan_on_host(launch.settings, launch.options, launch.caller, launch.bundle);
  if (!planned.faults.empty())
    return std::unexpected(
        with_position(launch.bundle, launch.options, std::move(planned.faults.front())));
  launch.joins = std::move(planned.joins);
  launch.unit = std::move(planned.unit);
  launch.cgroup_follows_ours = planned.cgroup_follows_ours;
  launch.plan = std::move(planned.create);
  launch.record = {
      .id = launch.options.id,
      .bundle = launch.bundle.path,
      .rootfs = launch.bundle.rootfs,
      .oci_version = kSpecVersion,
      .created = utc_text(sys::wall_clock_ns()),
      .owner = launch.caller.uid,
      .annotations = launch.bundle.spec.annotations,
      .cgroup = launch.plan.cgroup.paths,
      .unit = launch.plan.systemd ? std::optional(launch.plan.systemd->unit) : std::nullopt,
      .own_pid_namespace = launch.plan.init.namespaces.created.has(Ns::Pid),
      .namespaces = launch.plan.init.namespaces.created | launch.plan.init.namespaces.joined,
      .own_keyring = launch.plan.init.keyring.has_value(),
      .resctrl = launch.plan.resctrl ? std::optional(launch.plan.resctrl->group) : std::nullopt};
  return {};
}

// The claim, and the record of what is about to exist. From here on a crash can be cleaned up
// by `delete --force`.
Result<> reserve(Launch& launch) {
  launch.container = TRY(launch.store.claim(launch.options.id));
  launch.undo.push("remove the state", [&launch] { return launch.store.remove(launch.container); });
  // Before it is recorded as ours: what is recorded is killed and removed.
  TRY(refuse_occupied_cgroup(launch.plan.cgroup.paths));
  const std::string intent = encode_record(launch.record);
  if (launch.cgroup_follows_ours) TRY(launch.container.create_file(kIntentFile, intent));
  TRY(launch.container.create_file(kStateFile, intent));
  if (launch.plan.notify) TRY(make_notify_dir(launch.container));
  return launch.container.create_file(kConfigFile, launch.bundle.config);
}

Result<> make_cgroup(Launch& launch) {
  if (launch.plan.systemd)
    launch.undo.push("stop the systemd unit", [&launch] { return withdraw_unit(launch); });
  if (launch.plan.born_in_cgroup) {
    launch.cgroup = TRY(acquire_cgroup(launch.plan.cgroup));
    launch.record.cgroup = launch.cgroup.paths;
  }
  launch.undo.push("remove the cgroup", [&launch] {
    return remove_cgroup(launch.record.cgroup, sys::monotonic_ms() + kCgroupRemovalMs);
  });
  return {};
}

Result<> make_resctrl_group(Launch& launch) {
  if (!launch.plan.resctrl) return {};
  const ResctrlPlan& plan = *launch.plan.resctrl;
  launch.resctrl = TRY(open_resctrl());
  launch.undo.push("remove the resctrl group",
                   [&launch] { return undo_resctrl(launch.resctrl, launch.resctrl_made); });
  TRY(acquire_resctrl(launch.resctrl, plan, launch.resctrl_made));
  return fill_resctrl(launch.resctrl, plan, launch.resctrl_made);
}

Result<std::int32_t> open_fifo(Launch& launch, Inheritance& inheritance, const char* name) {
  TRY(sys::mknod_at(launch.container.dir(), name, S_IFIFO | 0600, 0));
  // For both directions: opening one end alone would wait for the other.
  Fd fifo = TRY(sys::open_at(launch.container.dir(), name, O_RDWR));
  return inheritance.add(std::move(fifo));
}

Result<> open_trees(Launch& launch, Inheritance& inheritance) {
  InitPlan& init = launch.plan.init;
  if (init.mounts.cloned_by_init) return {};
  const MountIdNamespaces ids =
      TRY(open_mount_id_namespaces(init.mounts, joined_user(init.namespaces.joins, launch.joins)));
  std::vector<Fd> trees = TRY(open_host_trees(init.mounts, ids.of_tree));
  for (Fd& tree : trees) init.fds.trees.push_back(inheritance.add(std::move(tree)));
  return {};
}

// Those of the parent's hooks, and once more for the hooks inside.
Result<> open_hook_outputs(Launch& launch, Inheritance& inheritance) {
  launch.hook_output = TRY(open_hook_output(launch.record.annotations));
  InitPlan& init = launch.plan.init;
  if (init.create_container.empty() && init.start_container.empty()) return {};
  HookOutput inside = TRY(open_hook_output(launch.record.annotations));
  if (inside.output) init.fds.hooks_output = inheritance.add(std::move(inside.output));
  if (inside.error) init.fds.hooks_error = inheritance.add(std::move(inside.error));
  return {};
}

Result<> open_for_init(Launch& launch, Inheritance& inheritance, Released released) {
  InitPlan& init = launch.plan.init;
  TRY(open_hook_outputs(launch, inheritance));
  TRY(open_trees(launch, inheritance));  // borrows from the joins
  for (Fd& join : launch.joins) init.fds.joins.push_back(inheritance.add(std::move(join)));
  if (released == Released::ByStart) {
    init.fds.start_fifo = TRY(open_fifo(launch, inheritance, kStartFifo));
    init.fds.result_fifo = TRY(open_fifo(launch, inheritance, kResultFifo));
  }
  TRY(open_proc_for_label(init, inheritance));
  if (!launch.options.console_socket.empty()) {
    Fd socket = TRY_DOING(sys::connect_stream(launch.options.console_socket), "console socket");
    init.fds.console_socket = inheritance.add(std::move(socket));
  }
  return {};
}

// Where init will have to ask us for something, it says when it has no more to ask. Otherwise
// the Go can wait for it in the socket.
bool must_announce(const CreatePlan& plan, Released released) {
  if (passes_its_place_on(plan.init.namespaces)) return true;
  if (plan.init.awaits_cgroup || plan.init.awaits_devices) return true;
  return released == Released::ByStart || plan.init.hooks_of_parent || plan.init.terminal ||
         plan.init.notifies;
}

// Whether the container's init may be a copy of this process. Others must not be able to look at
// it: they would find the host's brig binary behind /proc/PID/exe. Hooks inside the container
// execute what the image says, and a filter that forbids execveat forbids the trampoline.
bool may_be_copy(const CreatePlan& plan) {
  if (!sys::is_single_threaded()) return false;
  if (!plan.init.namespaces.created.has(Ns::Pid)) return false;
  if (!plan.hooks.create_container.empty() || !plan.hooks.start_container.empty()) return false;
  if (!plan.seccomp || is_filter_last(plan.init)) return true;
  return passes_filter(*plan.seccomp, plan.init);
}

sys::BirthPlan birth_of(const Launch& launch) {
  sys::BirthPlan birth{.namespaces = clone_flags(launch.plan.init.namespaces.born_in),
                       .cgroup = launch.cgroup.v2_dir};
  for (const Fd& tasks : launch.cgroup.v1_tasks) birth.cgroup_tasks.push_back(tasks.raw());
  return birth;
}

Result<> spawn_init(Launch& launch, Inheritance& inheritance) {
  const Form form = may_be_copy(launch.plan) ? Form::Copy : Form::Image;
  launch.process = TRY(spawn(launch.plan.init, inheritance, birth_of(launch), form));
  launch.undo.push("end the container's process", [&launch]() -> Result<> {
    ignore(sys::pidfd_send_signal(launch.process.child.pidfd, SIGKILL), "dead already is fine");
    ignore(sys::reap(launch.process.child.pidfd), "as above");
    return {};
  });
  return {};
}

Result<> set_oom_score_adj(const Launch& launch) {
  if (!launch.plan.oom_score_adj) return {};
  return sys::write_file_at(FdRef::cwd(),
                            cat(host_paths::kProc, "/", launch.process.child.pid, "/oom_score_adj"),
                            cat(*launch.plan.oom_score_adj));
}

// On v2 limits and the device program are written while init builds its file system. The device
// rules of v1 are written one by one, beginning with "deny all": in between init could not make
// its device nodes, so there everything is in place before it is born.
bool limits_come_first(const Launch& launch) {
  return launch.plan.cgroup.paths.mode != CgroupMode::V2 && !launch.plan.systemd;
}

// Without privilege a cgroup cannot be given to another; the container is none the worse.
Result<> give_cgroup_to_user(const Launch& launch) {
  const CgroupPlan& plan = launch.plan.cgroup;
  if (!plan.owner || !launch.cgroup.v2_dir) return {};
  Result<> done = apply_cgroup_owner(launch.cgroup.v2_dir, *plan.owner);
  const bool unprivileged = plan.optional || plan.by_systemd;
  if (!done && unprivileged && done.error().sys_errno() == EPERM) return {};
  return done;
}

// While init builds its file system: everything that is done to it from outside.
Result<> limit(Launch& launch) {
  if (!passes_its_place_on(launch.plan.init.namespaces)) TRY(limit_process(launch));
  if (launch.plan.systemd)
    TRY(begin_unit(launch));
  else if (!limits_come_first(launch))
    TRY(fill_cgroup(launch));
  launch.record.pid = launch.process.child.pid;
  return {};
}

Result<> serve_until_waiting(Launch& launch) {
  if (!launch.plan.init.announce_ready) return {};
  const InitState state = TRY(serve_init(launch));
  return state == InitState::Ready ? Result<>() : std::unexpected(launch.process.describe_death());
}

// Until it waits for `start`.
Result<> attend(Launch& launch) {
  TRY(limit(launch));
  return serve_until_waiting(launch);
}

// When init is killed for want of memory, systemd removes its cgroup, and the next write there
// fails: its end is what is to be said.
void name_cause(const Launch& launch, Error& error) {
  constexpr int kEndMs = 200;  // from an empty cgroup to a process that can be reaped
  const bool gone = error.sys_errno() == ENOENT || error.sys_errno() == ENODEV;
  if (!launch.plan.systemd || !gone) return;
  const FdRef init = launch.process.child.pidfd;
  const Result<std::vector<bool>> ended = sys::wait_readable({init}, kEndMs);
  if (!ended || !(*ended)[0]) return;
  const Result<std::optional<sys::ExitStatus>> end = sys::reap(init);
  if (end && *end && (*end)->signaled) error = launch.process.describe_death(**end);
}

Result<> check_console(const Launch& launch, LaunchMode mode) {
  const bool terminal = launch.plan.init.terminal.has_value();
  const bool socket = !launch.options.console_socket.empty();
  if (terminal && !socket && !mode.attended)
    return fail(Errc::BadConfig,
                "cannot allocate tty if brig will detach without setting console socket");
  if (socket && (!terminal || mode.attended))
    return fail(Errc::BadConfig,
                "cannot use console socket if brig will not detach or allocate tty");
  return {};
}

Result<> make_container(Launch& launch, LaunchMode mode) {
  const Released released = mode.released;
  TRY(plan_launch(launch));
  TRY(check_console(launch, mode));
  launch.plan.init.announce_ready = must_announce(launch.plan, released);
  if (launch.plan.seccomp)
    launch.plan.init.seccomp = TRY(compiled_filter(launch.store, *launch.plan.seccomp));
  TRY(reserve(launch));
  TRY(make_cgroup(launch));
  TRY_DOING(make_resctrl_group(launch), "linux.intelRdt");
  if (limits_come_first(launch)) TRY(fill_cgroup(launch));
  {
    Inheritance inheritance;
    TRY(open_for_init(launch, inheritance, released));
    TRY(spawn_init(launch, inheritance));
  }  // our copies close here, so that only init holds its end of the channel
  if (Result<> done = attend(launch); !done) {
    name_cause(launch, done.error());
    return done;
  }
  launch.unit.reset();
  launch.record.start_time = TRY(sys::start_time_of(launch.process.child.pid));
  launch.record.pid = launch.process.child.pid;
  launch.record.complete = true;
  return launch.container.replace_file(kStateFile, encode_record(launch.record));
}

std::map<std::string, std::string> annotations_of(const CreateOptions& options) {
  if (options.seccomp_receiver.empty()) return {};
  return {{std::string(spec::annotation::kSeccompReceiver), options.seccomp_receiver}};
}

bool has_hooks_before_start(const HookPlan& hooks) {
  return !hooks.prestart.empty() || !hooks.create_runtime.empty() ||
         !hooks.create_container.empty() || !hooks.start_container.empty();
}

}  // namespace

Result<> fill_cgroup(const Launch& launch) {
  TRY(apply_cgroup_limits(launch.plan.cgroup, launch.cgroup));
  TRY_DOING(give_cgroup_to_user(launch), "give the cgroup to the container's user");
  return {};
}

Result<> limit_process(const Launch& launch) {
  const pid_t pid = launch.process.child.pid;
  if (launch.plan.init.limits_by_parent) TRY(apply_rlimits(pid, launch.plan.init.rlimits));
  TRY_DOING(set_oom_score_adj(launch), "process.oomScoreAdj");
  if (launch.plan.resctrl)
    TRY_DOING(enter_resctrl(launch.resctrl, launch.plan.resctrl->group, pid), "linux.intelRdt");
  return {};
}

void abandon(Launch& launch, Error& error) {
  const HookPlan& hooks = launch.plan.hooks;
  const bool hooks_may_have_run = launch.process.child.pid > 0 && has_hooks_before_start(hooks);
  const std::string failures = launch.undo.run();
  if (!failures.empty()) error.add_context(cat("not everything could be undone", failures));
  // What the hooks did nobody else can take back (runtime.md, "Lifecycle", steps 3 to 7).
  if (hooks_may_have_run) run_poststop(launch.settings, launch.record, hooks);
}

Result<std::unique_ptr<Launch>> launch(const Settings& settings, const CreateOptions& options,
                                       LaunchMode mode) {
  TRY(validate_id(options.id));
  const PreservedFds preserved = TRY(PreservedFds::keep(options.listen_fds + options.preserve_fds));

  auto made = std::make_unique<Launch>();
  made->settings = settings;
  made->options = options;
  made->caller = TRY(probe_caller());
  const std::optional<OwnIds> own_ids = TRY(probe_own_ids(made->caller));
  made->bundle = TRY(load_bundle(options.bundle, options.config, own_ids ? &*own_ids : nullptr,
                                 annotations_of(options)));
  made->store = TRY(Store::open_or_make(settings.root));
  Result<> done = make_container(*made, mode);
  if (!done) {
    abandon(*made, done.error());
    return std::unexpected(std::move(done.error()));
  }
  for (const std::string& line : made->bundle.warnings) settings.log(LogLevel::Warning, line);
  for (const std::string& line : made->plan.warnings) settings.log(LogLevel::Warning, line);
  return made;
}

}  // namespace brig::runtime
