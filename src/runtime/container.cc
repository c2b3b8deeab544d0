#include "runtime/container.h"

#include "init/hook_state.h"
#include "linux/cgroup/control.h"
#include "linux/hooks/apply.h"
#include "linux/resctrl/apply.h"
#include "runtime/hook_output.h"
#include "runtime/unit.h"
#include "spec/load.h"
#include "sys/file.h"
#include "sys/proc_stat.h"
#include "sys/process.h"

namespace brig::runtime {

namespace {

constexpr int kEndOfInitMs = 10'000, kLookMs = 100;

// Init holds the fifo open until it executes the program: while it has a reader, the container
// is created and not started. No file has to be kept in step with that.
Result<bool> waits_for_start(const ContainerDir& dir) {
  const Result<Fd> fifo = sys::open_beneath(dir.dir(), kStartFifo, O_WRONLY | O_NONBLOCK);
  if (fifo) return true;
  const int err = fifo.error().sys_errno();
  if (err == ENXIO || err == ENOENT) return false;
  return std::unexpected(Error::system(err, "open the start fifo"));
}

bool is_gone(const Error& error) {
  return error.sys_errno() == ENOENT || error.sys_errno() == ESRCH;
}

// Init first, which ends its pid namespace; the rest of the cgroup goes with the cgroup.
Result<> end_init(const Record& record) {
  const Fd init = TRY(open_init(record));
  if (!init) return {};
  Result<> sent = sys::pidfd_send_signal(init, SIGKILL);
  if (!sent && sent.error().sys_errno() != ESRCH) return sent;
  // A frozen process of cgroup v1 dies when it is thawed.
  TRY(kill_cgroup(record.cgroup, SIGKILL));
  const std::int64_t deadline = sys::monotonic_ms() + kEndOfInitMs;
  while (sys::monotonic_ms() < deadline) {
    const std::vector<bool> ended = TRY(sys::wait_readable({init}, kLookMs));
    if (ended[0]) return {};
    // The rest of its end may be up to others: the parents of what `exec` started.
    const Fd still = TRY(open_init(record));
    if (!still) return {};
  }
  return fail(Errc::System, cat("process ", record.pid, " did not end within ", kEndOfInitMs / 1000,
                                " s of SIGKILL"));
}

}  // namespace

std::string_view name_of(Status status) {
  switch (status) {
    case Status::Creating:
      return "creating";
    case Status::Created:
      return "created";
    case Status::Running:
      return "running";
    case Status::Paused:
      return "paused";
    case Status::Stopped:
      return "stopped";
  }
  std::unreachable();
}

Result<Container> Container::open(const Settings& settings, const std::string& id) {
  Store store = TRY(Store::open(settings.root));
  ContainerDir dir = TRY(store.find(id));
  const std::string text = TRY(dir.read_file(kStateFile));
  Record record = TRY(parse_record(text));
  return Container{.store = std::move(store), .dir = std::move(dir), .record = std::move(record)};
}

Result<Container> Container::open_locked(const Settings& settings, const std::string& id) {
  Container container = TRY(open(settings, id));
  TRY(container.dir.lock());
  // Somebody may have changed or removed it while we waited.
  const std::string text = TRY(container.dir.read_file(kStateFile));
  container.record = TRY(parse_record(text));
  return container;
}

Result<Fd> open_init(const Record& record) {
  if (record.pid <= 0) return Fd();
  Result<Fd> pidfd = sys::pidfd_open(record.pid);
  if (!pidfd) return sys::is_no_process(pidfd.error()) ? Result<Fd>(Fd()) : std::move(pidfd);
  // The pidfd pins the number: what /proc says now is about the same process.
  const Result<sys::ProcessStat> stat = sys::process_stat(record.pid);
  if (!stat && is_gone(stat.error())) return Fd();
  if (!stat) return fail(Errc::System, stat.error().message());
  if (stat->has_ended() || stat->start_time != record.start_time) return Fd();
  return pidfd;
}

Result<Status> status_of(const Container& container) {
  if (!container.record.complete) return Status::Creating;
  const Fd init = TRY(open_init(container.record));
  if (!init) return Status::Stopped;
  const bool waits = TRY(waits_for_start(container.dir));
  const bool frozen = TRY(is_frozen(container.record.cgroup));
  if (frozen) return Status::Paused;
  return waits ? Status::Created : Status::Running;
}

std::unexpected<Error> not_running() {
  return fail(Errc::WrongState, "container not running");
}

Result<> check_has_process(const Container& container) {
  const Status status = TRY(status_of(container));
  if (status == Status::Creating || status == Status::Stopped) return not_running();
  return {};
}

Result<spec::Spec> saved_spec(const ContainerDir& dir) {
  const std::string config = TRY(dir.read_file(kConfigFile));
  return spec::load_saved_spec({.name = kConfigFile, .bytes = config});
}

Result<HookPlan> saved_hooks(const ContainerDir& dir) {
  const spec::Spec spec = TRY(saved_spec(dir));
  return plan_hooks(spec.hooks);
}

void run_poststop(const Settings& settings, const Record& record, const HookPlan& hooks) {
  if (hooks.poststop.empty()) return;
  const HookIdentity identity{.oci_version = record.oci_version,
                              .id = record.id,
                              .bundle = record.bundle,
                              .annotations = record.annotations};
  const std::string state = hook_state_json(identity, "stopped", 0);
  const Result<Fd> bundle = sys::open_at(FdRef::cwd(), record.bundle, O_PATH | O_DIRECTORY);
  const HookOutput output = open_hook_output_or_warn(settings, record.annotations);
  for (const Hook& hook : hooks.poststop) {
    const Result<> done =
        run_hook(hook, output.context(state, bundle ? FdRef(*bundle) : FdRef::none()));
    if (!done) settings.log(LogLevel::Warning, done.error().message());
  }
}

Result<> destroy(const Settings& settings, const Container& container) {
  const Result<HookPlan> hooks = saved_hooks(container.dir);
  // Hooks that can no longer be read cannot be run; that must not keep the container alive.
  if (!hooks) settings.log(LogLevel::Warning, cat("poststop hooks: ", hooks.error().message()));
  return destroy(settings, container, hooks ? *hooks : HookPlan{});
}

namespace {

Result<> remove_resctrl_groups(const Record& record) {
  if (!record.resctrl) return {};
  const Result<Fd> resctrl = open_resctrl();
  return resctrl ? remove_resctrl(*resctrl, *record.resctrl) : Result<>();  // gone with its mount
}

}  // namespace

Result<> destroy(const Settings& settings, const Container& container, const HookPlan& hooks) {
  TRY(end_init(container.record));
  TRY_DOING(remove_resctrl_groups(container.record), "remove the resctrl group");
  TRY_DOING(remove_cgroup(container.record.cgroup, sys::monotonic_ms() + kCgroupRemovalMs),
            "remove the cgroup");
  TRY_DOING(remove_unit(container.record), "remove the systemd unit");
  TRY_DOING(container.store.remove(container.dir), "remove the state");
  run_poststop(settings, container.record, hooks);
  return {};
}

}  // namespace brig::runtime
