#include "runtime/process_plan.h"

#include <map>
#include <string_view>

#include "spec/annotations.h"
#include "spec/types.h"

namespace brig::runtime {

namespace {

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

bool names_home(const std::string& variable) {
  return variable.starts_with("HOME=");
}

ExecPlan plan_program(const spec::Process& process, const std::vector<std::string>& environment) {
  ExecPlan exec{.argv = process.args, .envp = {}, .cwd = process.cwd, .add_home = true};
  std::vector<std::string> env = process.env;
  env.insert(env.end(), environment.begin(), environment.end());
  exec.envp = without_duplicates(env);
  for (const std::string& variable : exec.envp)
    if (names_home(variable) && variable.size() > 5) exec.add_home = false;
  if (exec.add_home) std::erase_if(exec.envp, names_home);
  return exec;
}

TerminalPlan plan_terminal(const spec::Process& process) {
  if (!process.console_size) return {};
  return {.rows = static_cast<std::uint16_t>(process.console_size->height),
          .columns = static_cast<std::uint16_t>(process.console_size->width)};
}

// In a user namespace of its own a process has every capability, and a full bounding set; else what
// we have. capset(2) refuses an inheritable capability beyond the bounding set.
CredentialFacts credential_facts(const ProcessFacts& facts) {
  CredentialFacts credentials{.own_bounding = (std::uint64_t{2} << facts.last_capability) - 1,
                              .last_cap = facts.last_capability,
                              .setgroups_denied = facts.groups == GroupRule::Denied,
                              .setgroups_may_be_denied = facts.groups == GroupRule::SetUnlessDenied,
                              .keep_groups = facts.groups == GroupRule::Keep};
  if (facts.in_user_namespace) return credentials;
  credentials.own_bounding &= facts.caller.bounding;
  credentials.own_permitted = facts.caller.capabilities;
  return credentials;
}

}  // namespace

GroupRule group_rule_of(const std::map<std::string, std::string>& annotations,
                        GroupRule otherwise) {
  const std::string_view wish =
      spec::annotation_of(annotations, spec::annotation::kKeepOriginalGroups);
  return wish == "1" ? GroupRule::Keep : otherwise;
}

Result<> plan_process(const spec::Process& process, const ProcessFacts& facts,
                      const std::vector<std::string>& environment, InitPlan& init) {
  init.exec = plan_program(process, environment);
  if (process.terminal) init.terminal = plan_terminal(process);
  init.rlimits = TRY(plan_rlimits(process));
  init.scheduling = TRY(plan_scheduling(process));
  // Who may raise limits outside may not inside. Others have no more there than here, and might
  // not even reach the process.
  init.limits_by_parent = facts.in_user_namespace && may_raise_limits(facts.caller);
  if (facts.caller.uid != 0) init.oom_score_adj = process.oom_score_adj;
  init.credentials = TRY(plan_credentials(process, credential_facts(facts)));
  return {};
}

}  // namespace brig::runtime
