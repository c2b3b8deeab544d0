#include <algorithm>

#include "spec/annotations.h"
#include "spec/validate_sections.h"

namespace brig::spec {
namespace {

constexpr std::uint32_t kMaxErrno = 4095;  // MAX_ERRNO; the kernel caps what is above
constexpr std::uint32_t kMaxTraceData = UINT16_MAX;
constexpr std::uint32_t kLastArgument = 5;  // a system call has six
constexpr std::string_view kNotify = "SCMP_ACT_NOTIFY";

// Only two actions hand a number on: ERRNO to the program, TRACE to its tracer.
void validate_action(const std::string& action, std::optional<std::uint32_t> number,
                     const Place& action_place, const Place& number_place) {
  check_known(action, kSeccompActions, action_place);
  if (!number) return;
  const bool returns_errno = action == "SCMP_ACT_ERRNO", traces = action == "SCMP_ACT_TRACE";
  if (!returns_errno && !traces) return number_place.error(quote(action), " takes no errno");
  check_range(*number, 0, returns_errno ? kMaxErrno : kMaxTraceData, number_place);
}

void validate_argument(const SeccompArg& arg, const Place& here) {
  check_range(arg.index, 0, kLastArgument, here.at("index"));
  check_known(arg.op, kSeccompOperators, here.at("op"));
}

void validate_rule(const SeccompRule& rule, const Place& here) {
  if (rule.names.empty()) here.at("names").error("must have at least one entry");
  validate_action(rule.action, rule.errno_ret, here.at("action"), here.at("errnoRet"));
  const Place args = here.at("args");
  for (std::size_t i = 0; i < rule.args.size(); ++i) validate_argument(rule.args[i], args.at(i));
}

void validate_listener(const Spec& spec, const Seccomp& seccomp, const Place& here) {
  if (seccomp.default_action == kNotify)
    here.at("defaultAction").error(kNotify, " cannot be the default");
  const bool notifies = std::ranges::any_of(
      seccomp.syscalls, [](const SeccompRule& rule) { return rule.action == kNotify; });
  const Place path = here.at("listenerPath");
  if (seccomp.listener_path.empty()) {
    if (!annotation_of(spec.annotations, annotation::kSeccompReceiver).empty()) return;
    if (notifies) path.error("missing; ", kNotify, " needs it");
    if (!seccomp.listener_metadata.empty()) here.at("listenerMetadata").error("needs listenerPath");
    return;
  }
  check_absolute(seccomp.listener_path, path);
  if (!notifies) path.warn("ignored: nothing has the action ", kNotify);
}

}  // namespace

void validate_seccomp(const Spec& spec, const Seccomp& seccomp, const Place& here) {
  validate_action(seccomp.default_action, seccomp.default_errno_ret, here.at("defaultAction"),
                  here.at("defaultErrnoRet"));
  check_all_known(seccomp.architectures, kSeccompArchitectures, here.at("architectures"));
  if (seccomp.flags) check_all_known(*seccomp.flags, kSeccompFlags, here.at("flags"));
  const Place syscalls = here.at("syscalls");
  for (std::size_t i = 0; i < seccomp.syscalls.size(); ++i)
    validate_rule(seccomp.syscalls[i], syscalls.at(i));
  validate_listener(spec, seccomp, here);
}

}  // namespace brig::spec
