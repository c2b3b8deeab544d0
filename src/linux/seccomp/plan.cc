#include "linux/seccomp/plan.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/base64.h"
#include "linux/seccomp/names.h"
#include "spec/annotations.h"
#include "spec/types.h"

namespace brig {

namespace {

constexpr std::uint32_t kSyscallArguments = 6;
constexpr std::uint32_t kMaxErrno = 4095;    // the kernel's MAX_ERRNO; more is cut to it
constexpr std::uint32_t kMaxTrace = 0xffff;  // SECCOMP_RET_DATA
constexpr std::uint32_t kEperm = EPERM;

// An action with its data. The specification lets only ERRNO and TRACE have an errnoRet.
Result<std::uint32_t> plan_action(const std::string& name, std::optional<std::uint32_t> data,
                                  std::string_view data_member) {
  const std::optional<std::uint32_t> action = seccomp_action_number(name);
  if (!action) return fail(Errc::BadConfig, cat("unknown action '", name, "'"));
  const bool takes_data = *action == SECCOMP_RET_ERRNO || *action == SECCOMP_RET_TRACE;
  if (data && !takes_data)
    return fail(Errc::BadConfig, cat(data_member, " has no meaning for ", name));
  if (!takes_data) return *action;
  const std::uint32_t limit = *action == SECCOMP_RET_ERRNO ? kMaxErrno : kMaxTrace;
  if (data.value_or(0) > limit)
    return fail(Errc::BadConfig, cat(data_member, ": ", *data, " is above ", limit));
  return *action | data.value_or(kEperm);
}

Result<SeccompArgument> plan_argument(const spec::SeccompArg& arg) {
  if (arg.index >= kSyscallArguments)
    return fail(Errc::BadConfig, cat("index: ", arg.index, " is above 5"));
  const std::optional<std::uint32_t> comparison = seccomp_operator_number(arg.op);
  if (!comparison) return fail(Errc::BadConfig, cat("op: unknown operator '", arg.op, "'"));
  return SeccompArgument{.index = arg.index,
                         .comparison = *comparison,
                         .value = arg.value,
                         .value_two = arg.value_two};
}

bool repeats_an_index(const std::vector<SeccompArgument>& args) {
  std::array<bool, kSyscallArguments> seen{};
  for (const SeccompArgument& arg : args)
    if (std::exchange(seen[arg.index], true)) return true;
  return false;
}

Result<> plan_rule(const spec::SeccompRule& rule, bool has_receiver, SeccompProfile& plan) {
  if (rule.names.empty()) return fail(Errc::BadConfig, "names: there are none");
  SeccompRule planned{.names = rule.names};
  planned.action = TRY(plan_action(rule.action, rule.errno_ret, "errnoRet"));
  if (planned.action == SECCOMP_RET_USER_NOTIF) {
    if (!has_receiver)
      return fail(Errc::BadConfig, "SCMP_ACT_NOTIFY needs linux.seccomp.listenerPath");
    plan.flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
  }
  for (std::size_t i = 0; i < rule.args.size(); ++i) {
    const SeccompArgument arg = TRY_DOING(plan_argument(rule.args[i]), "args[", i, "]");
    planned.args.push_back(arg);
  }
  if (!repeats_an_index(planned.args)) {
    plan.rules.push_back(std::move(planned));
    return {};
  }
  // libseccomp takes an argument once in a rule. Profiles that name one twice have always meant
  // alternatives ("this or that value"), from the days when Docker's did.
  for (const SeccompArgument& arg : planned.args)
    plan.rules.push_back({.names = planned.names, .action = planned.action, .args = {arg}});
  return {};
}

Result<std::uint32_t> plan_flags(const spec::Seccomp& seccomp) {
  // Without the member the mitigation of speculative store bypass stays off, as with runc and
  // crun: it costs every program in the container. An empty list leaves it on.
  if (!seccomp.flags) return SECCOMP_FILTER_FLAG_SPEC_ALLOW;
  std::uint32_t flags = 0;
  for (std::size_t i = 0; i < seccomp.flags->size(); ++i) {
    const std::optional<std::uint32_t> flag = seccomp_flag_number((*seccomp.flags)[i]);
    if (!flag)
      return fail(Errc::BadConfig, cat("flags[", i, "]: unknown flag '", (*seccomp.flags)[i], "'"));
    flags |= *flag;
  }
  // There is one thread to synchronise.
  return flags & ~std::uint32_t{SECCOMP_FILTER_FLAG_TSYNC};
}

Result<> plan_arches(const spec::Seccomp& seccomp, SeccompProfile& plan) {
  for (std::size_t i = 0; i < seccomp.architectures.size(); ++i) {
    const std::string& name = seccomp.architectures[i];
    const std::optional<std::uint32_t> arch = seccomp_arch_number(name);
    if (!arch)
      return fail(Errc::BadConfig,
                  cat("architectures[", i, "]: unknown architecture '", name, "'"));
    if (std::ranges::find(plan.arches, *arch) == plan.arches.end()) plan.arches.push_back(*arch);
  }
  return {};
}

Result<SeccompProfile> plan_profile(const spec::Seccomp& seccomp, std::string_view receiver) {
  SeccompProfile plan;
  plan.default_action =
      TRY_DOING(plan_action(seccomp.default_action, seccomp.default_errno_ret, "defaultErrnoRet"),
                "defaultAction");
  // libseccomp knows no such filter, and no agent could keep up with it.
  if (plan.default_action == SECCOMP_RET_USER_NOTIF)
    return fail(Errc::BadConfig, "defaultAction: SCMP_ACT_NOTIFY cannot be the default");
  const bool has_receiver = !seccomp.listener_path.empty() || !receiver.empty();
  if (!seccomp.listener_metadata.empty() && !has_receiver)
    return fail(Errc::BadConfig, "listenerMetadata: there is no listenerPath");
  plan.flags = TRY(plan_flags(seccomp));
  TRY(plan_arches(seccomp, plan));
  for (std::size_t i = 0; i < seccomp.syscalls.size(); ++i)
    TRY_DOING(plan_rule(seccomp.syscalls[i], has_receiver, plan), "syscalls[", i, "]");
  // Linux 5.19 refuses the one without the other, and without a listener nobody waits.
  if ((plan.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) == 0)
    plan.flags &= ~std::uint32_t{SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV};
  return plan;
}

constexpr std::size_t kInstruction = 8, kMostInstructions = 4096;  // sock_filter, BPF_MAXINSNS

Result<SeccompProfile> plan_raw(std::string_view base64, const spec::Linux& linux_section,
                                std::string_view receiver) {
  SeccompProfile plan{.raw = decode_base64(base64).value_or("")};  // it is valid
  if (plan.raw.size() % kInstruction != 0 || plan.raw.empty() ||
      plan.raw.size() > kInstruction * kMostInstructions)
    return fail(Errc::BadConfig,
                cat("annotations[\"", spec::annotation::kSeccompBpfData, "\"]: ", plan.raw.size(),
                    " bytes are not 1 to ", kMostInstructions, " instructions of ", kInstruction));
  const spec::Seccomp& section = linux_section.seccomp ? *linux_section.seccomp : spec::Seccomp{};
  plan.flags = TRY_DOING(plan_flags(section), "linux.seccomp");
  // Nobody looks into the filter for what it returns: who names a receiver has something to tell.
  if (!receiver.empty()) plan.flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
  return plan;
}

}  // namespace

Result<SeccompProfile> plan_seccomp(const spec::Seccomp& seccomp, std::string_view receiver) {
  return TRY_DOING(plan_profile(seccomp, receiver), "linux.seccomp");
}

Result<std::optional<SeccompProfile>> plan_filter(const spec::Linux& linux_section,
                                                  const SeccompAnnotations& annotations) {
  namespace annotation = spec::annotation;
  const std::string_view raw = spec::annotation_of(annotations, annotation::kSeccompBpfData);
  const std::string_view receiver = spec::annotation_of(annotations, annotation::kSeccompReceiver);
  std::optional<SeccompProfile> plan;
  if (!raw.empty()) {
    plan = TRY(plan_raw(raw, linux_section, receiver));
  } else if (linux_section.seccomp) {
    plan = TRY(plan_seccomp(*linux_section.seccomp, receiver));
    plan->known_names_only = spec::has_annotation(annotations, annotation::kSeccompFailUnknown);
  }
  return plan;
}

bool allows_always(const SeccompProfile& profile, std::string_view syscall) {
  if (!profile.raw.empty()) return false;
  bool allowed = profile.default_action == SECCOMP_RET_ALLOW;
  for (const SeccompRule& rule : profile.rules) {
    if (std::ranges::find(rule.names, syscall) == rule.names.end()) continue;
    if (rule.action != SECCOMP_RET_ALLOW && rule.action != SECCOMP_RET_LOG) return false;
    if (rule.args.empty()) allowed = true;
  }
  return allowed;
}

std::optional<SeccompListener> plan_seccomp_listener(const spec::Linux& linux_section,
                                                     const SeccompAnnotations& annotations,
                                                     const SeccompProfile& profile) {
  if ((profile.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) == 0) return std::nullopt;
  SeccompListener listener;
  if (linux_section.seccomp)
    listener = {.path = linux_section.seccomp->listener_path,
                .metadata = linux_section.seccomp->listener_metadata};
  const std::string_view receiver =
      spec::annotation_of(annotations, spec::annotation::kSeccompReceiver);
  if (!receiver.empty()) listener.path = receiver;
  return listener;
}

}  // namespace brig
