#include "runtime/host_plan.h"

#include "base/json.h"
#include "linux/cgroup/plan.h"
#include "runtime/notify.h"

namespace brig::runtime {

namespace {

bool asks_for_label(const spec::Spec& spec) {
  return brig::asks_for_label(*spec.process) || !spec.linux_->mount_label.empty();
}

class HostPlanner {
 public:
  HostPlanner(const Settings& settings, const CreateOptions& options, const Caller& caller,
              const Bundle& bundle)
      : settings_(settings), options_(options), caller_(caller), bundle_(bundle) {}

  HostPlan plan() {
    if (Result<> done = take_facts_and_plan(); !done) note(std::move(done).error());
    return std::move(out_);
  }

 private:
  void note(Error error) { out_.faults.push_back(std::move(error)); }

  // A fault that the rest does not need to be right does not end it.
  Result<> take_facts_and_plan() {
    NamespaceRequest request = request_namespaces(*bundle_.spec.linux_);
    // Before the plan: the order of the joins depends on who owns the namespaces.
    if (Result<std::vector<Fd>> joins = open_joined_namespaces(request, caller_); joins)
      out_.joins = std::move(*joins);
    else
      note(std::move(joins).error());
    CgroupRequest cgroup = cgroup_request(options_, settings_.cgroup_manager);
    cgroup.root = is_host_root(caller_);
    const HostFacts facts = TRY(take_facts(request, cgroup));
    const std::optional<UnitChoice> unit = TRY(choose(facts.cgroup, cgroup));
    PlanOutcome planned = try_plan_create({.spec = bundle_.spec,
                                           .bundle = bundle_,
                                           .facts = facts,
                                           .options = options_,
                                           .namespaces = std::move(request),
                                           .unit = unit,
                                           .notify_dir = notify_dir(settings_, options_.id)},
                                          cgroup);
    out_.create = std::move(planned.plan);
    for (Error& fault : planned.faults) note(std::move(fault));
    return {};
  }

  Result<HostFacts> take_facts(const NamespaceRequest& namespaces, const CgroupRequest& cgroup) {
    const CgroupNeeds needs = plan_cgroup_needs(bundle_.spec, cgroup);
    out_.cgroup_follows_ours = needs.own_path || cgroup.systemd;
    HostFacts facts = TRY(probe_host(caller_, namespaces, needs));
    if (asks_for_label(bundle_.spec)) facts.lsm = TRY(probe_lsm_facts());
    return facts;
  }

  Result<std::optional<UnitChoice>> choose(const CgroupFacts& facts, CgroupRequest& cgroup) {
    if (!cgroup.systemd) return std::nullopt;
    ChosenUnit chosen =
        TRY(choose_unit(settings_, bundle_.spec.linux_->cgroups_path, facts, cgroup));
    out_.unit = std::move(chosen.pending);
    return std::move(chosen.choice);
  }

  const Settings& settings_;
  const CreateOptions& options_;
  const Caller& caller_;
  const Bundle& bundle_;
  HostPlan out_;
};

}  // namespace

HostPlan plan_on_host(const Settings& settings, const CreateOptions& options, const Caller& caller,
                      const Bundle& bundle) {
  return HostPlanner(settings, options, caller, bundle).plan();
}

Error with_position(const Bundle& bundle, const CreateOptions& options, Error error) {
  if (error.code() != Errc::BadConfig) return error;
  const std::string text = error.frames();
  const std::string path = text.substr(0, text.find(": "));
  const json::Position at = json::locate(bundle.config, path);
  error.add_context(cat(options.config, ":", at.line, ":", at.column));
  return error;
}

}  // namespace brig::runtime
