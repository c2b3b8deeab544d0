#include "runtime/create_plan.h"

#include "base/version.h"
#include "linux/cgroup/plan.h"
#include "linux/cgroup/view.h"
#include "runtime/notify.h"

namespace brig::runtime {

namespace {

// Sockets of systemd's socket activation come first, at 3 and up, then what --preserve-fds names.
std::uint32_t preserved_fds(const CreateOptions& options) {
  return options.listen_fds + options.preserve_fds;
}

// The last of several values of one variable wins, in the place of the first.
std::vector<std::string> without_duplicates(const std::vector<std::string>& env) {
  std::vector<std::string> out;
  std::map<std::string_view, std::size_t> places;
  for (const std::string& variable : env) {
    const std::string_view name = std::string_view(variable).substr(0, variable.find('='));
    const auto [place, is_new] = places.try_emplace(name, out.size());
    if (is_new)
      out.push_back(variable);
    else
      out[place->second] = variable;
  }
  return out;
}

class Planner {
 public:
  explicit Planner(const CreateInput& input)
      : in_(input), spec_(input.spec), linux_(*input.spec.linux_), process_(*input.spec.process) {}

  Result<CreatePlan> plan(const CgroupRequest& cgroup) {
    plan_.init.namespaces = plan_namespaces(in_.namespaces);
    plan_.ids = plan_ids(linux_);
    plan_.hooks = TRY(plan_hooks(spec_.hooks));
    TRY(plan_cgroups(cgroup));
    TRY(plan_file_system());
    TRY(plan_process());
    plan_identity();
    return std::move(plan_);
  }

 private:
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
    return {};
  }

  Result<> plan_file_system() {
    const MountFacts facts{.user_namespace = in_user_namespace(),
                           .new_network = creates(Ns::Network),
                           .new_pid = creates(Ns::Pid),
                           .new_mount = creates(Ns::Mount),
                           .no_pivot = in_.options.no_pivot,
                           .bundle = in_.bundle.path,
                           .rootfs = in_.bundle.rootfs};
    const CgroupView view =
        plan_cgroup_view(plan_.cgroup.paths,
                         creates(Ns::Cgroup) ? CgroupNamespace::Own : CgroupNamespace::Inherited);
    InitPlan& init = plan_.init;
    init.mounts = TRY(plan_mounts(spec_, facts, view));
    init.devices = TRY(plan_devices(spec_, {.user_namespace = facts.user_namespace,
                                            .dev_is_host = init.mounts.dev_is_host,
                                            .has_proc_core = in_.facts.has_proc_core}));
    // In a mount namespace that is not its own a user namespace can mount nothing either.
    for (const DeviceNode& node : init.devices.nodes)
      if (node.bound_from_host && facts.new_mount)
        add_host_device(init.mounts, node.path.text, node.path, node.json_path);
    plan_notify();
    return {};
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

  Result<> plan_process() {
    InitPlan& init = plan_.init;
    init.rlimits = TRY(plan_rlimits(process_));
    init.limits_by_parent = in_user_namespace();
    init.credentials = TRY(plan_credentials(process_, credential_facts()));
    for (const std::string& warning : init.credentials.warnings) plan_.warnings.push_back(warning);
    if (linux_.personality) init.personality = TRY(plan_personality(*linux_.personality));
    if (linux_.seccomp) plan_.seccomp = TRY(plan_seccomp(*linux_.seccomp));
    if (process_.terminal) init.terminal = plan_terminal();
    init.sysctls = TRY(plan_sysctl(linux_.sysctl, {.own_ipc = owns(Ns::Ipc),
                                                   .own_network = owns(Ns::Network),
                                                   .own_uts = owns(Ns::Uts),
                                                   .own_user = owns(Ns::User)}));
    if (!in_.options.no_new_keyring)
      init.keyring = plan_keyring(in_.options.id,
                                  in_user_namespace() ? InUserNamespace::Yes : InUserNamespace::No);
    plan_.oom_score_adj = process_.oom_score_adj;
    plan_exec();
    return {};
  }

  // In a user namespace of its own init has every capability; else what we have. The bounding
  // set is taken for full: dropping what is not there does no harm.
  [[nodiscard]] CredentialFacts credential_facts() const {
    CredentialFacts facts{.own_bounding = (std::uint64_t{2} << in_.facts.last_capability) - 1,
                          .last_cap = in_.facts.last_capability};
    if (!in_user_namespace()) facts.own_permitted = in_.facts.permitted_capabilities;
    return facts;
  }

  [[nodiscard]] TerminalPlan plan_terminal() const {
    if (!process_.console_size) return {};
    return {.rows = static_cast<std::uint16_t>(process_.console_size->height),
            .columns = static_cast<std::uint16_t>(process_.console_size->width)};
  }

  void plan_exec() {
    ExecPlan& exec = plan_.init.exec;
    exec.argv = process_.args;
    exec.cwd = process_.cwd;
    std::vector<std::string> env = process_.env;
    const CreateOptions& options = in_.options;
    if (options.listen_fds > 0) {
      env.push_back(cat("LISTEN_FDS=", options.listen_fds));
      env.emplace_back("LISTEN_PID=1");
      if (!options.listen_fd_names.empty())
        env.push_back(cat("LISTEN_FDNAMES=", options.listen_fd_names));
    }
    if (plan_.notify) env.emplace_back(kNotifyVariable);
    exec.envp = without_duplicates(env);
    exec.add_home = true;
    for (const std::string& variable : exec.envp)
      if (variable.starts_with("HOME=") && variable.size() > 5) exec.add_home = false;
    if (exec.add_home)
      std::erase_if(exec.envp, [](const std::string& v) { return v.starts_with("HOME="); });
    plan_.init.preserved_fds = preserved_fds(options);
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
};

}  // namespace

CgroupRequest cgroup_request(const CreateOptions& options, CgroupManager manager) {
  return {.id = options.id, .disabled = manager == CgroupManager::Disabled};
}

Result<CreatePlan> plan_create(const CreateInput& input, const CgroupRequest& cgroup) {
  return Planner(input).plan(cgroup);
}

}  // namespace brig::runtime
