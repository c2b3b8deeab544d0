#include "linux/lsm/plan.h"

#include "spec/types.h"

namespace brig {

namespace {

constexpr char kExec[] = "thread-self/attr/exec";
constexpr char kAppArmorExec[] = "thread-self/attr/apparmor/exec";

std::unexpected<Error> not_here(std::string_view member, std::string_view module) {
  return fail(Errc::Unsupported,
              cat(member, ": ", module, " is not enabled on this host; leave the label out"));
}

// Whoever is confined and may not gain privileges cannot leave its profile: the new one comes on
// top of it, so that both hold.
LabelPlan plan_apparmor(const spec::Process& process, const LsmFacts& facts) {
  const bool stacks = facts.confined && process.no_new_privileges;
  return {.attribute = facts.apparmor_directory ? kAppArmorExec : kExec,
          .value = cat(stacks ? "stack " : "exec ", process.apparmor_profile)};
}

}  // namespace

bool asks_for_label(const spec::Process& process) {
  return !process.apparmor_profile.empty() || !process.selinux_label.empty();
}

Result<std::optional<LabelPlan>> plan_label(const spec::Process& process, const LsmFacts& facts) {
  const bool apparmor = !process.apparmor_profile.empty();
  const bool selinux = !process.selinux_label.empty();
  if (apparmor && !facts.apparmor) return not_here("process.apparmorProfile", "AppArmor");
  if (selinux && !facts.selinux) return not_here("process.selinuxLabel", "SELinux");
  if (apparmor && selinux)
    return fail(Errc::Unsupported,
                "process.selinuxLabel: together with process.apparmorProfile: a process has one "
                "label");
  if (apparmor) return plan_apparmor(process, facts);
  if (selinux) return LabelPlan{.attribute = kExec, .value = process.selinux_label};
  return std::nullopt;
}

Result<> check_mount_label(const std::string& label, const LsmFacts& facts) {
  if (!label.empty() && !facts.selinux) return not_here("linux.mountLabel", "SELinux");
  return {};
}

}  // namespace brig
