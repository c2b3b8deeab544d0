#include "linux/credentials/apply.h"

#include "linux/credentials/names.h"
#include "sys/credentials.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig {

namespace {

template <class Call>
Result<> for_each_capability(std::uint64_t mask, Call call) {
  for (unsigned number = 0; number < 64; ++number)
    if ((mask >> number & 1) != 0) TRY(call(number));
  return {};
}

// EINVAL from setresuid and friends means one thing only since the kernel has 32-bit ids.
template <class T>
Result<T> explain_unmapped(Result<T> done, std::string_view what) {
  if (!done && done.error().sys_errno() == EINVAL)
    done.error().add_context(cat(what, " is not mapped in the container's user namespace"));
  return done;
}

Result<> apply_groups(const CredentialPlan& plan, Setgroups setgroups) {
  if (!plan.set_groups) return {};
  if (setgroups == Setgroups::Allowed) {
    TRY_DOING(explain_unmapped(sys::set_groups(plan.groups), "one of them"), "set ",
              plan.groups.size(), " additional groups");
    return {};
  }
  // Not to be dropped (CVE-2014-8989), and none to be added.
  if (plan.groups.empty()) return {};
  return fail(Errc::Denied, cat("set ", plan.groups.size(),
                                " additional groups: the user namespace denies setgroups"));
}

}  // namespace

Result<Setgroups> probe_setgroups(const CredentialPlan& plan, FdRef proc) {
  if (!plan.setgroups_may_be_denied) return Setgroups::Allowed;
  const std::string word = TRY(sys::read_file_at(proc, "self/setgroups"));
  return word.starts_with("deny") ? Setgroups::Denied : Setgroups::Allowed;
}

Result<> apply_bounding(const CredentialPlan& plan) {
  return for_each_capability(plan.dropped, [](unsigned number) -> Result<> {
    TRY_DOING(sys::drop_from_bounding_set(number), "drop ", capability_name(number),
              " from the bounding set");
    return {};
  });
}

Result<> apply_user(const CredentialPlan& plan, Setgroups setgroups) {
  using sys::KeepCapabilities;
  if (plan.keep_capabilities) TRY(sys::set_keep_capabilities(KeepCapabilities::Yes));
  // In this order: setgroups needs CAP_SETGID in effect, and the change of the uid ends that.
  TRY(apply_groups(plan, setgroups));
  if (plan.set_gid)
    TRY_DOING(explain_unmapped(sys::set_real_effective_saved_gid(plan.gid), "it"),
              "set the group to ", plan.gid);
  if (plan.set_uid)
    TRY_DOING(explain_unmapped(sys::set_real_effective_saved_uid(plan.uid), "it"),
              "set the user to ", plan.uid);
  if (plan.keep_capabilities) TRY(sys::set_keep_capabilities(KeepCapabilities::No));
  return {};
}

// The change of the uid took the effective set but, with KEEPCAPS, left the permitted one, and
// capset(2) needs no capability to shrink what is permitted and to make it effective again.
Result<std::uint64_t> apply_capabilities(const CredentialPlan& plan) {
  TRY_DOING(sys::set_capabilities({.effective = plan.effective,
                                   .permitted = plan.permitted,
                                   .inheritable = plan.inheritable}),
            "set the capabilities");
  // The ambient set never holds more than what is permitted and inheritable, so that capset has
  // just emptied it unless there are such; then what the caller's held may be left.
  const std::uint64_t possible = plan.permitted & plan.inheritable;
  if (possible != 0) TRY(sys::clear_ambient_capabilities());
  std::uint64_t refused = 0;
  for (unsigned number = 0; number < 64; ++number) {
    if ((plan.ambient >> number & 1) == 0) continue;
    // The plan keeps to the rules; what remains is SECBIT_NO_CAP_AMBIENT_RAISE of the caller.
    if (!sys::raise_ambient_capability(number)) refused |= std::uint64_t{1} << number;
  }
  return refused;
}

Result<> apply_no_new_privs() {
  return sys::set_no_new_privs();
}

void apply_umask(const CredentialPlan& plan) {
  sys::set_umask(plan.umask);
}

}  // namespace brig
