#include "linux/credentials/plan.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/wire.h"
#include "linux/credentials/apply.h"
#include "linux/credentials/names.h"
#include "spec/types.h"
#include "sys/credentials.h"

namespace brig {
namespace {

constexpr std::uint64_t bit(unsigned capability) {
  return std::uint64_t{1} << capability;
}
constexpr std::uint64_t kChown = bit(CAP_CHOWN);
constexpr std::uint64_t kKill = bit(CAP_KILL);
constexpr std::uint64_t kAll41 = (std::uint64_t{1} << 41) - 1;

spec::Process process_with(const spec::Capabilities& capabilities) {
  return {.capabilities = capabilities};
}
CredentialPlan planned(const spec::Process& process, const CredentialFacts& facts = {}) {
  Result<CredentialPlan> plan = plan_credentials(process, facts);
  EXPECT_TRUE(plan) << plan.error().message();
  return *std::move(plan);
}
std::string refusal(const spec::User& user, const CredentialFacts& facts = {}) {
  const Result<CredentialPlan> plan = plan_credentials({.user = user}, facts);
  return plan ? "accepted" : plan.error().message();
}

TEST(CapabilityNames, All41AreKnownBothWays) {
  const std::vector<std::string_view> names = capability_names();
  ASSERT_EQ(names.size(), 41U);
  for (unsigned number = 0; number < 41; ++number) {
    EXPECT_EQ(capability_number(names[number]), number);
    EXPECT_EQ(capability_name(number), names[number]);
  }
  EXPECT_EQ(capability_number("CAP_FLY"), std::nullopt);
  EXPECT_EQ(capability_number("cap_chown"), std::nullopt);
  EXPECT_EQ(capability_name(41), "CAP_?");
}

TEST(PlanCredentials, WithoutCapabilitiesEverySetIsEmptyAndAllAreDropped) {
  const CredentialPlan plan = planned({});
  EXPECT_EQ(plan.bounding | plan.effective | plan.permitted | plan.inheritable | plan.ambient, 0U);
  EXPECT_EQ(plan.dropped, kAll41);
  EXPECT_TRUE(plan.warnings.empty());
}

TEST(PlanCredentials, OnlyWhatIsPresentIsDroppedFromTheBoundingSet) {
  const CredentialPlan plan = planned(process_with({.bounding = {"CAP_CHOWN"}}),
                                      {.own_bounding = kChown | kKill, .last_cap = 40});
  EXPECT_EQ(plan.bounding, kChown);
  EXPECT_EQ(plan.dropped, kKill);
}

TEST(PlanCredentials, NothingBeyondTheKernelsLastCapabilityIsDropped) {
  EXPECT_EQ(planned({}, {.last_cap = 37}).dropped, (std::uint64_t{1} << 38) - 1);
}

TEST(PlanCredentials, UnknownNamesAreSkippedInSilence) {
  const CredentialPlan plan = planned(process_with({.bounding = {"CAP_FLY", "CAP_KILL"}}));
  EXPECT_EQ(plan.bounding, kKill);
  EXPECT_TRUE(plan.warnings.empty());
}

TEST(PlanCredentials, WhatTheCallerLacksIsLeftOutWithAWarningForEachSet) {
  const CredentialPlan plan =
      planned(process_with({.bounding = {"CAP_CHOWN", "CAP_KILL", "CAP_BPF"},
                            .permitted = {"CAP_CHOWN", "CAP_KILL"}}),
              {.own_bounding = kAll41 & ~bit(CAP_BPF) & ~kKill, .own_permitted = kAll41});
  EXPECT_EQ(plan.bounding, kChown);
  EXPECT_EQ(plan.permitted, kChown);
  EXPECT_EQ(plan.warnings,
            (std::vector<std::string>{"process.capabilities.bounding: left out CAP_KILL, CAP_BPF: "
                                      "not in the bounding set of brig itself",
                                      "process.capabilities.permitted: left out CAP_KILL: "
                                      "brig itself does not have them"}));
}

TEST(PlanCredentials, TheSetsKeepTheKernelsRules) {
  const CredentialPlan plan = planned(process_with({.bounding = {"CAP_CHOWN"},
                                                    .effective = {"CAP_CHOWN", "CAP_KILL"},
                                                    .inheritable = {"CAP_CHOWN", "CAP_KILL"},
                                                    .permitted = {"CAP_CHOWN"},
                                                    .ambient = {"CAP_CHOWN", "CAP_KILL"}}));
  EXPECT_EQ(plan.effective, kChown);
  EXPECT_EQ(plan.inheritable, kChown);
  EXPECT_EQ(plan.ambient, kChown);
  EXPECT_EQ(plan.warnings,
            (std::vector<std::string>{
                "process.capabilities.effective: left out CAP_KILL: not permitted",
                "process.capabilities.inheritable: left out CAP_KILL: not in the bounding set",
                "process.capabilities.ambient: left out CAP_KILL: "
                "not both permitted and inheritable"}));
}

TEST(PlanCredentials, AmbientNeedsInheritable) {
  const CredentialPlan plan = planned(
      process_with({.bounding = {"CAP_KILL"}, .permitted = {"CAP_KILL"}, .ambient = {"CAP_KILL"}}));
  EXPECT_EQ(plan.ambient, 0U);
  EXPECT_EQ(plan.warnings.size(), 1U);
}

TEST(PlanCredentials, TheUmaskHasADefault) {
  EXPECT_EQ(planned({}).umask, 0022U);
  EXPECT_EQ(planned({.user = {.umask = 0}}).umask, 0U);
  EXPECT_EQ(refusal({.umask = 512}), "process.user: umask: 512 is above 511 (octal 777)");
}

TEST(PlanCredentials, TheIdThatMeansNoneIsRejected) {
  EXPECT_EQ(refusal({.uid = UINT32_MAX}), "process.user: uid: 4294967295 is not a user id");
  EXPECT_EQ(refusal({.gid = UINT32_MAX}), "process.user: gid: 4294967295 is not a group id");
  EXPECT_EQ(refusal({.additional_gids = {1, UINT32_MAX}}),
            "process.user: additionalGids[1]: 4294967295 is not a group id");
}

TEST(PlanCredentials, MoreGroupsThanTheKernelTakesAreRejected) {
  EXPECT_EQ(refusal({.additional_gids = std::vector<std::uint32_t>(65537, 1)}),
            "process.user: additionalGids: 65537 groups; the kernel takes 65536");
}

TEST(PlanCredentials, RootlessContainersHaveNoAdditionalGroups) {
  EXPECT_EQ(refusal({.additional_gids = {5}}, {.setgroups_denied = true}),
            "process.user: additionalGids: cannot set any additional groups in a rootless "
            "container: its user namespace denies setgroups");
  EXPECT_FALSE(planned({}, {.setgroups_denied = true}).set_groups);
}

TEST(PlanCredentials, WithoutCertaintyEveryCallIsMade) {
  const CredentialPlan plan = planned({});
  EXPECT_TRUE(plan.set_groups && plan.set_gid && plan.set_uid);
}

TEST(PlanCredentials, WhatIsKnownToBeSoIsNotSetAgain) {
  const CredentialFacts root{.identity = Identity{.uid = 0, .gid = 0, .groups = {}}};
  const CredentialPlan same = planned({}, root);
  EXPECT_FALSE(same.set_groups || same.set_gid || same.set_uid || same.keep_capabilities);
  const CredentialPlan other =
      planned({.user = {.uid = 7, .gid = 8, .additional_gids = {9}}}, root);
  EXPECT_TRUE(other.set_groups && other.set_gid && other.set_uid);
}

TEST(PlanCredentials, GroupsInAnotherOrderAreTheSameGroups) {
  const CredentialFacts facts{.identity = Identity{.uid = 0, .gid = 0, .groups = {3, 5}}};
  EXPECT_FALSE(planned({.user = {.additional_gids = {5, 3}}}, facts).set_groups);
  EXPECT_TRUE(planned({.user = {.additional_gids = {5}}}, facts).set_groups);
  EXPECT_TRUE(planned({}, facts).set_groups);
}

TEST(PlanCredentials, CapabilitiesAreKeptOnlyWhenThereAreAny) {
  spec::Process process{.user = {.uid = 7}};
  EXPECT_FALSE(planned(process).keep_capabilities);
  process.capabilities = spec::Capabilities{.bounding = {"CAP_KILL"}, .permitted = {"CAP_KILL"}};
  EXPECT_TRUE(planned(process).keep_capabilities);
}

TEST(PlanCredentials, ThePlanSurvivesTheWire) {
  const CredentialPlan plan =
      planned({.user = {.uid = 7, .additional_gids = {1, 2}}, .no_new_privileges = true});
  EXPECT_EQ(*wire::decode<CredentialPlan>(wire::encode(plan)), plan);
}

// ---- effects, each in a child ----------------------------------------------------------------

template <class Body>
int in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

bool write_own(const char* path, const std::string& text) {
  const int fd = ::open(path, O_WRONLY);
  return fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// Uid 0 with every capability, in a user namespace of its own.
bool become_root() {
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  return ::unshare(CLONE_NEWUSER) == 0 && write_own("/proc/self/setgroups", "deny") &&
         write_own("/proc/self/uid_map", cat("0 ", uid, " 1")) &&
         write_own("/proc/self/gid_map", cat("0 ", gid, " 1"));
}

std::uint64_t ambient_set() {
  std::uint64_t set = 0;
  for (unsigned number = 0; number < 41; ++number)
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, number, 0, 0) == 1) set |= bit(number);
  return set;
}

CredentialPlan small_plan() {
  return {.bounding = kChown | kKill,
          .effective = kKill,
          .permitted = kChown | kKill,
          .inheritable = kKill,
          .ambient = kKill,
          .dropped = kAll41 & ~(kChown | kKill)};
}

bool capabilities_are(const CredentialPlan& plan) {
  const auto sets = sys::get_capabilities();
  const auto bounding = sys::get_bounding_set();
  return sets && bounding && bounding->mask == plan.bounding && sets->effective == plan.effective &&
         sets->permitted == plan.permitted && sets->inheritable == plan.inheritable &&
         ambient_set() == plan.ambient;
}

constexpr int kNoUserNamespace = 77;

TEST(ApplyCredentials, TheFiveSetsBecomeThoseOfThePlan) {
  const int status = in_child([] {
    if (!become_root()) return kNoUserNamespace;
    CredentialPlan plan = small_plan();
    plan.set_groups = false;  // denied here
    if (!apply_bounding(plan) || !apply_user(plan, Setgroups::Allowed)) return 1;
    const Result<std::uint64_t> refused = apply_capabilities(plan);
    if (!refused || *refused != 0) return 2;
    return capabilities_are(plan) ? 0 : 3;
  });
  if (status == kNoUserNamespace) GTEST_SKIP() << "needs user namespaces";
  EXPECT_EQ(status, 0);
}

TEST(ApplyCredentials, AmbientCapabilitiesOfTheCallerAreNotHandedOn) {
  const int status = in_child([] {
    if (!become_root()) return kNoUserNamespace;
    CredentialPlan plan = small_plan();
    if (!apply_capabilities(plan) || ambient_set() != kKill) return 1;
    plan.ambient = 0;
    return apply_capabilities(plan) && ambient_set() == 0 ? 0 : 2;
  });
  if (status == kNoUserNamespace) GTEST_SKIP() << "needs user namespaces";
  EXPECT_EQ(status, 0);
}

TEST(ApplyCredentials, ARefusedAmbientCapabilityIsReportedNotFatal) {
  const int status = in_child([] {
    if (!become_root()) return kNoUserNamespace;
    CredentialPlan plan = small_plan();
    plan.inheritable = 0;  // against the rules, so the kernel refuses to raise it
    const Result<std::uint64_t> refused = apply_capabilities(plan);
    return refused && *refused == kKill ? 0 : 1;
  });
  if (status == kNoUserNamespace) GTEST_SKIP() << "needs user namespaces";
  EXPECT_EQ(status, 0);
}

TEST(ApplyCredentials, AnUnmappedUserIsExplained) {
  const int status = in_child([] {
    if (!become_root()) return kNoUserNamespace;
    const CredentialPlan plan{.uid = 4711, .set_groups = false, .set_gid = false};
    const Result<> done = apply_user(plan, Setgroups::Allowed);
    return !done && done.error().message() ==
                        "set the user to 4711: it is not mapped in the container's user "
                        "namespace: setresuid 4711: invalid argument (EINVAL)"
               ? 0
               : 1;
  });
  if (status == kNoUserNamespace) GTEST_SKIP() << "needs user namespaces";
  EXPECT_EQ(status, 0);
}

TEST(ApplyCredentials, AnOrdinaryUserKeepsThePlannedCapabilities) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_EQ(0, in_child([] {
              CredentialPlan plan = small_plan();
              plan.uid = 4711;
              plan.gid = 4712;
              plan.groups = {4713, 4714};
              if (!apply_bounding(plan) || !apply_user(plan, Setgroups::Allowed) ||
                  !apply_capabilities(plan))
                return 1;
              uid_t uids[3];
              gid_t gids[3];
              ::getresuid(&uids[0], &uids[1], &uids[2]);
              ::getresgid(&gids[0], &gids[1], &gids[2]);
              for (int i = 0; i < 3; ++i)
                if (uids[i] != 4711 || gids[i] != 4712) return 2;
              if (*sys::get_groups() != plan.groups) return 3;
              if (::prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0) != 0) return 4;
              return capabilities_are(plan) ? 0 : 5;
            }));
}

TEST(ApplyCredentials, AnOrdinaryUserWithoutCapabilitiesHasNone) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_EQ(0, in_child([] {
              const CredentialPlan plan = planned({.user = {.uid = 4711, .gid = 4711}});
              if (!apply_bounding(plan) || !apply_user(plan, Setgroups::Allowed) ||
                  !apply_capabilities(plan))
                return 1;
              return capabilities_are(plan) && sys::get_groups()->empty() ? 0 : 2;
            }));
}

TEST(ApplyCredentials, NoNewPrivilegesAndTheUmaskAreSet) {
  EXPECT_EQ(0, in_child([] {
              apply_umask({.umask = 0027});
              if (::umask(0) != 0027 || !apply_no_new_privs()) return 1;
              return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 2;
            }));
}

}  // namespace
}  // namespace brig
