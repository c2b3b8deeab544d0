#include "linux/keyring/apply.h"

#include "sys/keyctl.h"

namespace brig {

namespace {

void explain_refusal(Error& error) {
  switch (error.sys_errno()) {
    case EDQUOT:
      error.add_context(
          "this user has as many keys as it may: raise the sysctl kernel.keys.maxkeys "
          "(kernel.keys.root_maxkeys for root), or use --no-new-keyring");
      break;
    case EPERM:
    case EACCES:
      error.add_context("a security policy forbids keyrings here: use --no-new-keyring");
      break;
    default:
      break;
  }
}

}  // namespace

Result<> apply_keyring(const KeyringPlan& plan) {
  Result<sys::KeySerial> joined = sys::join_session_keyring(plan.name);
  if (!joined && joined.error().sys_errno() == ENOSYS) return {};
  if (!joined) explain_refusal(joined.error());
  const sys::KeySerial keyring = TRY_DOING(std::move(joined), "join session keyring ", plan.name);
  // Set outright, not added to what is there: that would cost one more call to read it, and the
  // keyring of a left-over container of this name should not bring its own rights along.
  if (plan.permissions)
    TRY_DOING(sys::set_key_permissions(keyring, *plan.permissions),
              "set permissions of session keyring ", plan.name);
  return {};
}

}  // namespace brig
