#include "linux/keyring/plan.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/wire.h"
#include "linux/keyring/apply.h"
#include "sys/keyctl.h"

namespace brig {
namespace {

TEST(PlanKeyring, ItsUserMaySearchItWithoutAUserNamespace) {
  const KeyringPlan plan = plan_keyring("web", InUserNamespace::No);
  EXPECT_EQ(plan.name, "_ses.web");
  EXPECT_EQ(plan.permissions, 0x3f1b0000U);
}

TEST(PlanKeyring, EverybodyMaySearchItInAUserNamespace) {
  EXPECT_EQ(plan_keyring("web", InUserNamespace::Yes).permissions, 0x3f130008U);
}

TEST(PlanKeyring, WhoComesLaterLeavesThePermissionsAlone) {
  EXPECT_EQ(plan_joined_keyring("web"), (KeyringPlan{.name = "_ses.web", .permissions = {}}));
}

TEST(PlanKeyring, ThePlanSurvivesTheWire) {
  const KeyringPlan plan = plan_keyring("web", InUserNamespace::Yes);
  EXPECT_EQ(*wire::decode<KeyringPlan>(wire::encode(plan)), plan);
}

constexpr sys::KeySerial kOwnSession = -3;  // KEY_SPEC_SESSION_KEYRING

int join_and_look() {
  const KeyringPlan plan = plan_keyring("brig-test", InUserNamespace::No);
  if (!apply_keyring(plan)) return 1;
  const Result<std::string> text = sys::describe_key(kOwnSession);
  if (!text) return text.error().sys_errno() == ENOSYS ? 0 : 2;
  return text->starts_with("keyring;") && text->ends_with(";3f1b0000;_ses.brig-test") ? 0 : 3;
}

// A process that enters later gets the same keyring, not another one of that name.
int join_twice() {
  if (!apply_keyring(plan_keyring("brig-test", InUserNamespace::No))) return 1;
  const Result<sys::KeySerial> again =
      sys::join_session_keyring(plan_joined_keyring("brig-test").name);
  const Result<sys::KeySerial> third =
      sys::join_session_keyring(plan_joined_keyring("brig-test").name);
  if (!again) return again.error().sys_errno() == ENOSYS ? 0 : 2;
  return third && *again == *third ? 0 : 3;
}

int status_of(int (*body)()) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(ApplyKeyring, JoinsAKeyringOfItsOwnWithThePlannedPermissions) {
  EXPECT_EQ(status_of(join_and_look), 0);
}

TEST(ApplyKeyring, TheSameNameIsTheSameKeyring) {
  EXPECT_EQ(status_of(join_twice), 0);
}

}  // namespace
}  // namespace brig
