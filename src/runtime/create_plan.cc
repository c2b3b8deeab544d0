#include "runtime/create_plan.h"

#include <algorithm>

#include "base/version.h"
#include "linux/cgroup/plan.h"
#include "linux/cgroup/view.h"
#include "runtime/notify.h"
#include "runtime/process_plan.h"
#include "runtime/seccomp_agent.h"

namespace brig::runtime {

namespace {

// Sockets of systemd's socket activation come first, at 3 and up, then what --preserve-fds names.
std::uint32_t preserved_fds(const CreateOptions& options) {
  return options.listen_fds + options.preserve_fds;
}

class Planner {
 public:
  explicit Planner(const CreateInput& input)
      : in_(input), spec_(input.spec), linux_(*input.spec.linux_), process_(*input.spec.process) {}

  PlanOutcome plan(const CgroupRequest& cgroup) {
    plan_.init.namespaces = plan_namespaces(in_.namespaces, namespace_caller(in_.facts.caller));
    take(plan_ids(linux_, in_.facts.ids), plan_.ids);
    plan_.network = plan_network(linux_);
    plan_.init.awaits_devices = !plan_.network.empty();
    if (linux_.intel_rdt) take(plan_resctrl(*linux_.intel_rdt, in_.options.id), plan_.resctrl);
    take(plan_hooks(spec_.hooks), plan_.hooks);
    attempt(plan_cgroups(cgroup));
    plan_file_system();
    plan_first_process();
    plan_identity();
    return {.plan = std::move(plan_), .faults = std::move(faults_)};
  }

 private:
  void attempt(Result<> done) {
    if (!done) faults_.push_back(std::move(done).error());
  }
  template <class T, class Out>
  void take(Result<T> planned, Out& out) {
    if (planned)
      out = std::move(*planned);
    else
      faults_.push_back(std::move(planned).error());
  }

  [[nodiscard]] bool creates(Ns ns) const { return in_.namespaces.created.has(ns); }
  [[nodiscard]] bool in_user_namespace() const {
    return creates(Ns::User) || plan_.init.namespaces.joined.has(Ns::User);
  }
  [[nodiscard]] bool owns(Ns ns) const {
    return creates(ns) || plan_.init.namespaces.joined.has(ns);
  }

  Result<> plan_cgroups(const CgroupRequest& request) {
    plan_.cgroup = TRY(plan_cgroup(spec_, in_.facts.cgroup, request));
    for (const std::string& note : plan_.cgroup.notes) plan_.warnings.push_back(note);
    if (in_.unit) TRY(plan_unit(*in_.unit));
    return {};
  }

  // On v1 systemd writes its own device rules one by one, beginning with "deny all", and would get
  // in the way of an init that is making device nodes.
  Result<> plan_unit(const UnitChoice& choice) {
    const CgroupMode mode = plan_.cgroup.paths.mode;
    if (!choice.may_be_born_there) TRY(check_cgroup_mounts());
    plan_.systemd = TRY(plan_systemd(
        choice.unit, linux_.resources, spec_.annotations,
        {.id = in_.options.id, .mode = mode, .device_rules = plan_.cgroup.device_rules}));
    plan_.born_in_cgroup = choice.may_be_born_there;
    plan_.init.awaits_cgroup = mode != CgroupMode::V2 || !choice.may_be_born_there;
    return {};
  }

  // What is bound is opened before init exists, and the cgroup comes later.
  Result<> check_cgroup_mounts() const {
    if (creates(Ns::Cgroup)) return {};
    for (std::size_t i = 0; i < spec_.mounts.size(); ++i)
      if (spec_.mounts[i].type == "cgroup" || spec_.mounts[i].type == "cgroup2")
        return fail(Errc::Unsupported,
                    cat("mounts[", i,
                        "]: needs a cgroup namespace in linux.namespaces where only "
                        "systemd can put the container into its cgroup"));
    return {};
  }

  // A namespace that belongs to the container's user namespace.
  [[nodiscard]] bool joins_own(Ns ns) const {
    return std::ranges::any_of(plan_.init.namespaces.joins, [&](const NsPath& join) {
      return join.ns == ns && join.owned_inside;
    });
  }

  void plan_file_system() {
    const MountFacts facts{.user_namespace = in_user_namespace() || !in_.facts.caller.on_host,
                           .owns_network = creates(Ns::Network) || joins_own(Ns::Network),
                           .own_pid = owns(Ns::Pid),
                           .new_mount = creates(Ns::Mount),
                           .no_pivot = in_.options.no_pivot,
                           .bundle = in_.bundle.path,
                           .rootfs = in_.bundle.rootfs};
    const CgroupView view =
        plan_cgroup_view(plan_.cgroup.paths,
                         creates(Ns::Cgroup) ? CgroupNamespace::Own : CgroupNamespace::Inherited);
    InitPlan& init = plan_.init;
    take(plan_mounts(spec_, facts, view), init.mounts);
    attempt(plan_who_clones_trees());
    take(plan_devices(spec_, {.user_namespace = facts.user_namespace,
                              .dev_is_host = init.mounts.dev_is_host,
                              .has_proc_core = in_.facts.has_proc_core}),
         init.devices);
    // In a mount namespace that is not its own a user namespace can mount nothing either.
    for (const DeviceNode& node : init.devices.nodes)
      if (node.bound_from_host && facts.new_mount)
        add_host_device(init.mounts, node.path.text, node.path, node.json_path);
    plan_notify();
  }

  Result<> plan_who_clones_trees() {
    if (in_.facts.may_clone_mounts || !creates(Ns::Mount)) return {};
    return leave_trees_to_init(plan_.init.mounts);
  }

  void plan_notify() {
    if (in_.options.notify_socket.empty()) return;
    MountPlan& mounts = plan_.init.mounts;
    plan_.notify = mounts.root.change != RootChange::ChrootOnly;
    if (plan_.notify)
      add_notify_mount(mounts, in_.notify_dir);
    else
      plan_.warnings.emplace_back(
          "NOTIFY_SOCKET is not passed on: the container has no mount namespace of its own");
  }

  [[nodiscard]] GroupRule group_rule() const {
    if (plan_.ids.deny_setgroups) return GroupRule::Denied;
    // A namespace below one that denies it denies it too.
    if (!in_.facts.caller.on_host) return GroupRule::SetUnlessDenied;
    const bool known = creates(Ns::User) && plan_.ids.gid_helper.empty();
    return known || !in_user_namespace() ? GroupRule::Set : GroupRule::SetUnlessDenied;
  }

  void plan_first_process() {
    InitPlan& init = plan_.init;
    const ProcessFacts facts{.in_user_namespace = in_user_namespace(),
                             .caller = in_.facts.caller,
                             .last_capability = in_.facts.last_capability,
                             .groups = group_rule_of(spec_.annotations, group_rule())};
    attempt(plan_process(process_, facts, added_environment(), init));
    init.preserved_fds = preserved_fds(in_.options);
    for (const std::string& warning : init.credentials.warnings) plan_.warnings.push_back(warning);
    if (linux_.personality) take(plan_personality(*linux_.personality), init.personality);
    if (linux_.memory_policy) take(plan_memory_policy(*linux_.memory_policy), init.memory_policy);
    plan_filter();
    take(plan_sysctl(linux_.sysctl, {.own_ipc = owns(Ns::Ipc),
                                     .own_network = owns(Ns::Network),
                                     .own_uts = owns(Ns::Uts),
                                     .own_user = owns(Ns::User)}),
         init.sysctls);
    if (!in_.options.no_new_keyring)
      init.keyring = plan_keyring(in_.options.id,
                                  in_user_namespace() ? InUserNamespace::Yes : InUserNamespace::No);
    if (!init.oom_score_adj) plan_.oom_score_adj = process_.oom_score_adj;
    take(plan_label(process_, in_.facts.lsm), init.exec.label);
    attempt(check_mount_label(linux_.mount_label, in_.facts.lsm));
  }

  void plan_filter() {
    take(brig::plan_filter(linux_, spec_.annotations), plan_.seccomp);
    if (!plan_.seccomp) return;
    plan_.agent = plan_seccomp_listener(linux_, spec_.annotations, *plan_.seccomp);
    plan_.init.notifies = plan_.agent.has_value();
    if (plan_.agent)
      take(plan_sent_listener(in_.facts.caller, *plan_.seccomp), plan_.init.sends_listener);
  }

  // What brig itself tells the program.
  [[nodiscard]] std::vector<std::string> added_environment() const {
    std::vector<std::string> added;
    const CreateOptions& options = in_.options;
    if (options.listen_fds > 0) {
      added.push_back(cat("LISTEN_FDS=", options.listen_fds));
      added.emplace_back("LISTEN_PID=1");
      if (!options.listen_fd_names.empty())
        added.push_back(cat("LISTEN_FDNAMES=", options.listen_fd_names));
    }
    if (plan_.notify) added.emplace_back(kNotifyVariable);
    return added;
  }

  void plan_identity() {
    InitPlan& init = plan_.init;
    init.hostname = spec_.hostname;
    init.domainname = spec_.domainname;
    init.identity = {.oci_version = kSpecVersion,
                     .id = in_.options.id,
                     .bundle = in_.bundle.path,
                     .annotations = spec_.annotations};
    init.hooks_of_parent = !plan_.hooks.prestart.empty() || !plan_.hooks.create_runtime.empty();
    init.create_container = plan_.hooks.create_container;
    init.start_container = plan_.hooks.start_container;
  }

  const CreateInput& in_;
  const spec::Spec& spec_;
  const spec::Linux& linux_;
  const spec::Process& process_;
  CreatePlan plan_;
  std::vector<Error> faults_;
};

}  // namespace

CgroupRequest cgroup_request(const CreateOptions& options, CgroupManager manager) {
  return {.id = options.id,
          .disabled = manager == CgroupManager::Disabled,
          .systemd = manager == CgroupManager::Systemd};
}

Result<CreatePlan> plan_create(const CreateInput& input, const CgroupRequest& cgroup) {
  PlanOutcome outcome = try_plan_create(input, cgroup);
  if (!outcome.faults.empty()) return std::unexpected(std::move(outcome.faults.front()));
  return std::move(outcome.plan);
}

PlanOutcome try_plan_create(const CreateInput& input, const CgroupRequest& cgroup) {
  return Planner(input).plan(cgroup);
}

}  // namespace brig::runtime
