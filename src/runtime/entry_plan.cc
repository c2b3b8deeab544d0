#include "runtime/entry_plan.h"

#include "init/trampoline.h"
#include "runtime/process_plan.h"
#include "runtime/seccomp_agent.h"
#include "spec/namespaces.h"

namespace brig::runtime {

namespace {

// As a copy of brig the process must not be in the container's pid namespace, where others could
// look at it and find the host's binary behind /proc/PID/exe (CVE-2019-5736). It stays outside
// where there is an outside, and the trampoline makes the one inside.
Form form_of(const EntryInput& input, const EntryPlan& plan) {
  if (!input.single_threaded || !input.record.namespaces.has(Ns::Pid)) return Form::Image;
  if (ends_with_fork(plan.init.scheduling)) return Form::Image;
  if (plan.agent) return Form::Image;  // an agent is told the number of the process inside
  if (!plan.seccomp || is_filter_last(plan.init)) return Form::Copy;
  return passes_filter(*plan.seccomp, plan.init) ? Form::Copy : Form::Image;
}

}  // namespace

Result<EntryPlan> plan_entry(const EntryInput& input) {
  EntryPlan plan;
  InitPlan& init = plan.init;
  const NsSet namespaces = input.record.namespaces;
  const bool may_be_denied = namespaces.has(Ns::User) || !input.caller.on_host;
  const GroupRule groups = may_be_denied ? GroupRule::SetUnlessDenied : GroupRule::Set;
  TRY(plan_process(input.process,
                   {.in_user_namespace = namespaces.has(Ns::User),
                    .caller = input.caller,
                    .groups = group_rule_of(input.record.annotations, groups)},
                   {}, init));
  const spec::Linux& config = *input.spec.linux_;
  if (config.personality) init.personality = TRY(plan_personality(*config.personality));
  if (config.memory_policy) init.memory_policy = TRY(plan_memory_policy(*config.memory_policy));
  plan.seccomp = TRY(plan_filter(config, input.record.annotations));
  if (plan.seccomp) {
    plan.agent = plan_seccomp_listener(config, input.record.annotations, *plan.seccomp);
    init.notifies = plan.agent.has_value();
    if (plan.agent) init.sends_listener = TRY(plan_sent_listener(input.caller, *plan.seccomp));
  }
  if (input.record.own_keyring) init.keyring = plan_joined_keyring(input.record.id);
  if (!init.oom_score_adj) plan.oom_score_adj = input.process.oom_score_adj;
  plan.affinity = TRY(plan_exec_affinity(input.process));
  init.exec.label = TRY(plan_label(input.process, input.lsm));
  // Hooks and agents see a container that runs.
  init.identity = {.oci_version = input.record.oci_version,
                   .id = input.record.id,
                   .bundle = input.record.bundle,
                   .annotations = input.record.annotations};
  init.enters = true;
  plan.shares_mounts = !spec::creates_namespace(config, "mount");
  plan.form = form_of(input, plan);
  init.namespaces = plan_entered_namespaces(
      namespaces, plan.form == Form::Copy ? EntryFork::Trampoline : EntryFork::Step,
      namespace_caller(input.caller));
  init.preserved_fds = input.preserved_fds;
  // Where the new process has something to ask first, it says when it is done.
  const bool forks = plan.form == Form::Image && namespaces.has(Ns::Pid);
  init.announce_ready = forks || init.terminal || init.notifies;
  return plan;
}

}  // namespace brig::runtime
