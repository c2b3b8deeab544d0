#include <linux/seccomp.h>

#include <bit>
#include <map>

#include "linux/credentials/names.h"
#include "linux/seccomp/names.h"
#include "runtime/plan_text_sections.h"

namespace brig::runtime {

namespace {

std::vector<std::string> capability_words(std::uint64_t mask) {
  std::vector<std::string> words;
  for (unsigned number = 0; number < 64; ++number)
    if ((mask >> number & 1) != 0) words.emplace_back(capability_name(number));
  if (words.empty()) words.emplace_back("none");
  return words;
}

// Most configurations give several sets the same members: those share a line.
void add_capability_sets(Outline& out, const CredentialPlan& plan) {
  std::vector<std::pair<std::string, std::uint64_t>> sets = {{"bounding", plan.bounding},
                                                             {"effective", plan.effective},
                                                             {"permitted", plan.permitted},
                                                             {"inheritable", plan.inheritable},
                                                             {"ambient", plan.ambient}};
  while (!sets.empty()) {
    const std::uint64_t members = sets.front().second;
    std::vector<std::string_view> names;
    for (const auto& [name, mask] : sets)
      if (mask == members) names.push_back(name);
    out.words(cat("capabilities ", join(names, ", ")), capability_words(members));
    std::erase_if(sets, [&](const auto& set) { return set.second == members; });
  }
}

// "SCMP_ACT_ERRNO(1)": with its data where it has some.
std::string action_text(std::uint32_t action) {
  const std::uint32_t kind = action & SECCOMP_RET_ACTION_FULL;
  std::string name = cat("action ", kind);
  for (const std::string_view known : seccomp_action_names())
    if (seccomp_action_number(known) == kind) name = known;
  const bool has_data = kind == SECCOMP_RET_ERRNO || kind == SECCOMP_RET_TRACE;
  return has_data ? cat(name, "(", action & SECCOMP_RET_DATA, ")") : name;
}

std::vector<std::string> flag_words(std::uint32_t flags) {
  std::vector<std::string> words;
  if ((flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0)
    words.emplace_back("SECCOMP_FILTER_FLAG_NEW_LISTENER");
  for (const std::string_view name : seccomp_flag_names())
    if (const auto bit = seccomp_flag_number(name); bit && (flags & *bit) != 0)
      words.emplace_back(name);
  if (words.empty()) words.emplace_back("none");
  return words;
}

void add_seccomp(Outline& out, const SeccompProfile& profile) {
  if (!profile.raw.empty())
    return out.line("seccomp: load the filter of the annotation, ", profile.raw.size() / 8,
                    " instructions");
  out.line("seccomp: load the filter; default ", action_text(profile.default_action));
  struct Count {
    std::size_t rules = 0, names = 0;
  };
  std::map<std::uint32_t, Count> counts;
  for (const SeccompRule& rule : profile.rules) {
    ++counts[rule.action].rules;
    counts[rule.action].names += rule.names.size();
  }
  for (const auto& [action, count] : counts)
    out.below(action_text(action), " by ", count.rules, count.rules == 1 ? " rule" : " rules",
              " for ", count.names, count.names == 1 ? " name" : " names");
  std::vector<std::string_view> arches;
  for (const std::uint32_t arch : profile.arches) arches.push_back(seccomp_arch_name(arch));
  out.below("architectures: the native one", arches.empty() ? "" : " ", join(arches, " "));
  out.below("flags: ", join(flag_words(profile.flags), " "));
}

std::string environment_line(const std::string& variable) {
  return plain_or_quoted(variable);
}

}  // namespace

void add_limit(Outline& out, const Rlimit& limit) {
  out.line(rlimit_name(limit.resource), ": ", limit_text(limit.soft), " soft, ",
           limit_text(limit.hard), " hard");
}

void add_identity(Outline& out, const InitPlan& plan) {
  out.title("names and kernel parameters");
  if (!plan.hostname.empty()) out.line("hostname: ", plain_or_quoted(plan.hostname));
  if (!plan.domainname.empty()) out.line("domainname: ", plain_or_quoted(plan.domainname));
  for (const Sysctl& sysctl : plan.sysctls)
    out.line("sysctl ", plain_or_quoted(sysctl.key), " = ", plain_or_quoted(sysctl.value));
  if (plan.personality) out.line("personality: ", plan.personality->domain);
  if (const auto& scheduler = plan.scheduling.scheduler)
    out.line("scheduler: policy ", scheduler->policy, ", flags ", scheduler->flags, ", nice ",
             scheduler->nice, ", priority ", scheduler->priority, ", ", scheduler->runtime_ns, "/",
             scheduler->deadline_ns, "/", scheduler->period_ns, " ns");
  if (plan.scheduling.io_priority) out.line("I/O priority: ", *plan.scheduling.io_priority);
  if (plan.memory_policy) {
    std::string nodes;
    for (std::size_t i = 0; i < plan.memory_policy->nodes.size() * 8; ++i)
      if ((plan.memory_policy->nodes[i / 8] >> i % 8 & 1) != 0) append(nodes, cat(" ", i));
    out.line("memory policy: mode ", plan.memory_policy->mode, nodes.empty() ? "" : ", nodes",
             nodes);
  }
  if (plan.limits_by_parent) return;
  out.title("resource limits");
  for (const Rlimit& limit : plan.rlimits) add_limit(out, limit);
}

void add_credentials(Outline& out, const CreatePlan& create) {
  const InitPlan& init = create.init;
  const CredentialPlan& plan = init.credentials;
  out.title("credentials");
  out.line("umask: ", octal(plan.umask));
  out.line("working directory: ", plain_or_quoted(init.exec.cwd));
  if (plan.no_new_privileges)
    out.line("no_new_privs: yes, for good");
  else if (create.seccomp)
    add_seccomp(out, *create.seccomp);
  if (plan.dropped != 0)
    out.line("dropped from the bounding set, for good: ", std::popcount(plan.dropped),
             " capabilities");
  if (plan.set_groups)
    out.line("additional groups: ", plan.groups.empty() ? "none" : join(plan.groups, " "),
             plan.setgroups_may_be_denied ? ", unless the user namespace denies that" : "");
  if (plan.set_gid) out.line("group: ", plan.gid);
  if (plan.set_uid) out.line("user: ", plan.uid);
  add_capability_sets(out, plan);
}

void add_hooks(Outline& out, std::string_view when, const std::vector<Hook>& hooks) {
  out.title(cat("hooks ", when));
  for (const Hook& hook : hooks) {
    std::string text = cat(hook.origin, ": ", plain_or_quoted(hook.path));
    if (hook.timeout_s) append(text, cat(", at most ", *hook.timeout_s, " s"));
    out.line(text);
    for (const std::string& argument : hook.argv) out.below("arg ", quoted(argument));
    for (const std::string& variable : hook.envp) out.below("env ", environment_line(variable));
  }
}

void add_program(Outline& out, const CreatePlan& create) {
  const InitPlan& init = create.init;
  out.title("the program");
  if (init.preserved_fds == 0)
    out.line("descriptors kept: 0, 1, 2");
  else
    out.line("descriptors kept: 0, 1, 2, and 3 to ", 2 + init.preserved_fds);
  if (init.exec.label)
    out.line("label: ", quoted(init.exec.label->value), " to ", init.exec.label->attribute);
  if (init.credentials.no_new_privileges && create.seccomp) add_seccomp(out, *create.seccomp);
  for (const std::string& argument : init.exec.argv) out.line("arg ", quoted(argument));
  for (const std::string& variable : init.exec.envp) out.line("env ", environment_line(variable));
  if (init.exec.add_home) out.line("env HOME= what /etc/passwd has for the user");
}

}  // namespace brig::runtime
