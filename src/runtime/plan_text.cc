#include "runtime/plan_text.h"

#include "base/host_paths.h"
#include "runtime/plan_text_sections.h"

namespace brig::runtime {

namespace {

std::string names_of(NsSet set) {
  std::vector<std::string_view> names;
  for (const Ns ns : kAllNamespaces)
    if (set.has(ns)) names.push_back(name_of(ns));
  return join(names, " ");
}

void add_header(Outline& out, const CreatePlan& plan) {
  const HookIdentity& identity = plan.init.identity;
  out.title(cat("container ", plain_or_quoted(identity.id)));
  out.line("bundle ", plain_or_quoted(identity.bundle), ", OCI ",
           plain_or_quoted(identity.oci_version));
  for (const auto& [name, value] : identity.annotations)
    out.line("annotation ", plain_or_quoted(name), " = ", plain_or_quoted(value));
  out.title("not as the configuration has it");
  for (const std::string& warning : plan.warnings) out.line(warning);
}

void add_cgroup(Outline& out, const CgroupPlan& plan) {
  out.title(cat("cgroup (", name_of(plan.paths.mode), ")"));
  if (plan.paths.mode == CgroupMode::None) out.line("none of its own");
  for (const CgroupDir& dir : plan.paths.v1) out.line("make ", directory_of(dir));
  for (const CgroupDir& dir : plan.paths.v2) out.line("make ", directory_of(dir));
  if (plan.wants_all_controllers && !plan.v2_controllers.empty())
    out.line("with the controllers ", join(plan.v2_controllers, " "));
  if (plan.owner) out.line("belongs to the uid ", *plan.owner, ", who may divide it");
  if (plan.optional) out.line("what the host refuses and no limit needs is left out");
}

void add_cgroup_limits(Outline& out, const CgroupPlan& plan) {
  for (const CgroupWrite& write : plan.writes) {
    std::string text = describe(plan, write);
    if (write.may_be_absent) append(text, ", if there is such a file");
    if (write.swap_with_next) append(text, ", or after the next");
    if (write.else_next) append(text, ", or else the next");
    out.line(text);
  }
  // On v1 the rules are writes like any other.
  if (plan.device_program.empty()) return;
  out.line("device rules, as a program of ", plan.device_program.size(), " instructions");
  for (const CgroupDeviceRule& rule : plan.device_rules) out.below(describe(rule));
}

// As launch.cc has it: the device rules of v1 pass through "deny all", where init could not make
// its own nodes.
bool limits_come_first(const CgroupPlan& plan) {
  return plan.paths.mode != CgroupMode::V2;
}

void add_ids(Outline& out, const IdPlan& ids) {
  if (ids.deny_setgroups) out.below("first deny setgroups, for good");
  for (const std::string& helper : {ids.gid_helper, ids.uid_helper})
    if (!helper.empty()) out.below("with ", helper);
  for (const IdRange& range : ids.uids)
    out.below("uids ", range.container_id, "+", range.size, " are ", range.host_id, "+", range.size,
              " outside");
  for (const IdRange& range : ids.gids)
    out.below("gids ", range.container_id, "+", range.size, " are ", range.host_id, "+", range.size,
              " outside");
}

void add_birth(Outline& out, const CreatePlan& plan) {
  const NamespacePlan& namespaces = plan.init.namespaces;
  out.title("namespaces to join, opened");
  for (const NsPath& join : namespaces.joins)
    out.line(name_of(join.ns), ": ", plain_or_quoted(join.path));
  out.title("the process");
  if (!plan.cgroup.paths.v2.empty()) out.line("born in its cgroup");
  if (!plan.cgroup.paths.v1.empty()) out.line("enters its v1 cgroups before anything else");
  if (!namespaces.born_in.empty()) out.line("born in new ", names_of(namespaces.born_in));
  for (const NamespaceStep& step : namespaces.steps) {
    out.line(describe(step, namespaces));
    if (std::holds_alternative<MapIds>(step)) add_ids(out, plan.ids);
  }
  if (namespaces.created.has(Ns::Mount)) out.line("make every mount rslave");
  for (const NetworkDeviceMove& device : plan.network)
    out.line("get the host's network device ", plain_or_quoted(device.host_name), ", as ",
             plain_or_quoted(device.name));
  if (namespaces.created.has(Ns::Network)) out.line("bring up lo");
  if (plan.init.keyring) {
    std::string text = cat("new session keyring ", plain_or_quoted(plan.init.keyring->name));
    if (plan.init.keyring->permissions) append(text, ", open to its user");
    out.line(text);
  }
  out.line("new session");
}

void add_resctrl(Outline& out, const CreatePlan& plan) {
  if (!plan.resctrl) return;
  const ResctrlGroup& group = plan.resctrl->group;
  out.title("resctrl");
  if (group.name.empty())
    out.line("the root group");
  else if (group.owned)
    out.line("make the group ", plain_or_quoted(group.name));
  else
    out.line("the group ", plain_or_quoted(group.name),
             plan.resctrl->schemata.empty() ? ", which is there" : ", made if it is missing");
  for (const std::string& line : plan.resctrl->schemata) out.line("schema ", plain_or_quoted(line));
  if (!group.monitor.empty()) out.line("monitored in ", plain_or_quoted(monitor_path(group)));
}

void add_limits_from_outside(Outline& out, const CreatePlan& plan) {
  out.title("from outside, meanwhile");
  if (plan.init.limits_by_parent)
    for (const Rlimit& limit : plan.init.rlimits) add_limit(out, limit);
  if (plan.oom_score_adj) out.line("oom_score_adj: ", *plan.oom_score_adj);
  if (plan.resctrl) out.line("enters its resctrl group");
  if (!limits_come_first(plan.cgroup)) add_cgroup_limits(out, plan.cgroup);
}

void add_terminal(Outline& out, const InitPlan& plan) {
  if (!plan.terminal) return;
  const std::int32_t step = plan.mounts.devpts_step;
  out.title("terminal");
  if (step < 0)
    out.line("pty of a devpts that is never attached");
  else
    out.line("pty of ", plan.mounts.steps[static_cast<std::size_t>(step)].target.text);
  if (plan.terminal->rows != 0 && plan.terminal->columns != 0)
    out.line("size: ", plan.terminal->rows, " rows, ", plan.terminal->columns, " columns");
  out.line("its master goes to the console socket, or to brig");
  if (!plan.devices.links.empty())
    out.line("mounted on ", host_paths::kDev, "/console, if the kernel can");
}

void add_contents(Outline& out, const InitPlan& plan) {
  add_mounts(out, plan.mounts);
  add_devices(out, plan.devices);
  if (plan.exec.cwd == "/") return;
  out.title("working directory");
  out.line(plain_or_quoted(plan.exec.cwd), ": made if it is missing");
}

void add_root_hooks(Outline& out, const HookPlan& hooks) {
  add_hooks(out, "in the host's namespaces (prestart)", hooks.prestart);
  add_hooks(out, "in the host's namespaces (createRuntime)", hooks.create_runtime);
  add_hooks(out, "in the container's namespaces (createContainer)", hooks.create_container);
}

bool has_root_hooks(const CreatePlan& plan) {
  return plan.init.hooks_of_parent || !plan.init.create_container.empty();
}

// Hooks expect the complete root at its path on the host; without any the root is built from
// inside, where no path of the host can be named (init/rootfs.cc).
void add_root(Outline& out, const CreatePlan& plan) {
  const RootPlan& root = plan.init.mounts.root;
  const bool mounted = root.change != RootChange::ChrootOnly;
  const bool at_its_path = has_root_hooks(plan) && mounted;
  if (at_its_path) {
    out.title("the root at its path on the host, for hooks");
    out.line("attach tree ", root.tree.index, " at ", plain_or_quoted(root.path));
    add_contents(out, plan.init);
  }
  add_root_hooks(out, plan.hooks);
  out.title(root.change == RootChange::PivotRoot ? "the root, from where no host path can be named"
                                                 : "the root");
  if (mounted && !at_its_path) out.line("attach tree ", root.tree.index, " over /");
  switch (root.change) {
    case RootChange::PivotRoot:
      out.line("pivot_root, and detach the host's root");
      break;
    case RootChange::ChrootOverRoot:
      out.line("chroot (no pivot)");
      break;
    case RootChange::ChrootOnly:
      out.line("chroot to ", plain_or_quoted(root.path), " (no mount namespace of its own)");
      break;
  }
  if (!at_its_path) add_contents(out, plan.init);
  add_restrictions(out, plan.init.mounts);
}

void add_wait(Outline& out, const ExecPlan& exec) {
  out.title("ready");
  const std::string name = plain_or_quoted(exec.argv[0]);
  out.line("look for ", name, exec.argv[0].contains('/') ? "" : " in the container's PATH");
  out.line("wait for the start");
}

}  // namespace

Outline outline_of(const CreatePlan& plan) {
  Outline out;
  add_header(out, plan);
  add_cgroup(out, plan.cgroup);
  if (limits_come_first(plan.cgroup)) add_cgroup_limits(out, plan.cgroup);
  add_resctrl(out, plan);
  add_host_trees(out, plan.init.mounts);
  add_birth(out, plan);
  add_limits_from_outside(out, plan);
  add_terminal(out, plan.init);
  add_root(out, plan);
  add_identity(out, plan.init);
  add_credentials(out, plan);
  add_wait(out, plan.init.exec);
  add_hooks(out, "at start, inside (startContainer)", plan.hooks.start_container);
  add_program(out, plan);
  add_hooks(out, "after the start (poststart)", plan.hooks.poststart);
  add_hooks(out, "after the end (poststop)", plan.hooks.poststop);
  return out;
}

std::string describe(const CreatePlan& plan) {
  return outline_of(plan).text();
}

}  // namespace brig::runtime
