#include "linux/seccomp/plan.h"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include <algorithm>

#include "base/wire.h"
#include "linux/seccomp/names.h"
#include "spec/types.h"

namespace brig {
namespace {

std::string refusal(const spec::Seccomp& seccomp) {
  const Result<SeccompProfile> plan = plan_seccomp(seccomp);
  if (plan) return "accepted";
  EXPECT_EQ(plan.error().code(), Errc::BadConfig);
  return plan.error().message();
}
std::string refusal(const spec::SeccompRule& rule) {
  return refusal({.default_action = "SCMP_ACT_ALLOW",
                  .syscalls = {{.names = {"read"}, .action = "SCMP_ACT_LOG"}, rule}});
}
SeccompProfile planned(const spec::Seccomp& seccomp) {
  Result<SeccompProfile> plan = plan_seccomp(seccomp);
  EXPECT_TRUE(plan) << plan.error().message();
  return *std::move(plan);
}

TEST(SeccompNames, TheListsAreTheSpecificationsAndSorted) {
  EXPECT_EQ(seccomp_action_names().size(), 9U);
  EXPECT_EQ(seccomp_operator_names().size(), 7U);
  EXPECT_EQ(seccomp_flag_names().size(), 4U);
  for (const auto& names : {seccomp_action_names(), seccomp_operator_names(), seccomp_flag_names(),
                            seccomp_arch_names()})
    EXPECT_TRUE(std::ranges::is_sorted(names));
}

TEST(SeccompNames, TheNumbersAreLibseccomps) {
  EXPECT_EQ(seccomp_action_number("SCMP_ACT_KILL"), SCMP_ACT_KILL);
  EXPECT_EQ(seccomp_action_number("SCMP_ACT_KILL_PROCESS"), SCMP_ACT_KILL_PROCESS);
  EXPECT_EQ(seccomp_action_number("SCMP_ACT_TRAP"), SCMP_ACT_TRAP);
  EXPECT_EQ(seccomp_action_number("SCMP_ACT_ERRNO"), SCMP_ACT_ERRNO(0));
  EXPECT_EQ(seccomp_action_number("SCMP_ACT_TRACE"), SCMP_ACT_TRACE(0));
  EXPECT_EQ(seccomp_action_number("SCMP_ACT_LOG"), SCMP_ACT_LOG);
  EXPECT_EQ(seccomp_action_number("SCMP_ACT_NOTIFY"), SCMP_ACT_NOTIFY);
  EXPECT_EQ(seccomp_action_number("SCMP_ACT_ALLOW"), SCMP_ACT_ALLOW);
  EXPECT_EQ(seccomp_arch_number("SCMP_ARCH_X32"), std::uint32_t{SCMP_ARCH_X32});
  EXPECT_EQ(seccomp_arch_number("SCMP_ARCH_RISCV64"), SCMP_ARCH_RISCV64);
}

TEST(SeccompNames, OnlyArchitecturesThatThisBuildFiltersAreListed) {
  const std::vector<std::string_view> names = seccomp_arch_names();
  EXPECT_NE(std::ranges::find(names, "SCMP_ARCH_X86_64"), names.end());
  EXPECT_EQ(std::ranges::find(names, "SCMP_ARCH_SHEB") != names.end(),
            ::seccomp_arch_resolve_name("sheb") != 0);
}

TEST(PlanSeccomp, NamesBecomeNumbers) {
  const SeccompProfile expected{
      .default_action = SECCOMP_RET_ERRNO | 38,
      .flags = SECCOMP_FILTER_FLAG_LOG,
      .arches = {AUDIT_ARCH_X86_64, SCMP_ARCH_X32},
      .rules = {
          {.names = {"read", "no_such_call"}, .action = SECCOMP_RET_ALLOW},
          {.names = {"clone"},
           .action = SECCOMP_RET_KILL_PROCESS,
           .args = {{.index = 5, .comparison = SCMP_CMP_MASKED_EQ, .value = 7, .value_two = 1}}}}};
  EXPECT_EQ(
      planned(
          {.default_action = "SCMP_ACT_ERRNO",
           .default_errno_ret = 38,
           .architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X32", "SCMP_ARCH_X86_64"},
           .flags = spec::Strings{"SECCOMP_FILTER_FLAG_LOG"},
           .syscalls =
               {{.names = {"read", "no_such_call"}, .action = "SCMP_ACT_ALLOW"},
                {.names = {"clone"},
                 .action = "SCMP_ACT_KILL_PROCESS",
                 .args = {{.index = 5, .value = 7, .value_two = 1, .op = "SCMP_CMP_MASKED_EQ"}}}}}),
      expected);
}

TEST(PlanSeccomp, ErrnoAndTraceSayNotPermittedUnlessTold) {
  EXPECT_EQ(planned({.default_action = "SCMP_ACT_ERRNO"}).default_action, SECCOMP_RET_ERRNO | 1U);
  EXPECT_EQ(planned({.default_action = "SCMP_ACT_TRACE"}).default_action, SECCOMP_RET_TRACE | 1U);
  EXPECT_EQ(planned({.default_action = "SCMP_ACT_ERRNO", .default_errno_ret = 0}).default_action,
            SECCOMP_RET_ERRNO);
}

TEST(PlanSeccomp, AnErrnoForAnActionWithoutOneIsRejected) {
  EXPECT_EQ(refusal({.default_action = "SCMP_ACT_ALLOW", .default_errno_ret = 1}),
            "linux.seccomp: defaultAction: defaultErrnoRet has no meaning for SCMP_ACT_ALLOW");
  EXPECT_EQ(refusal({.names = {"x"}, .action = "SCMP_ACT_KILL", .errno_ret = 1}),
            "linux.seccomp: syscalls[1]: errnoRet has no meaning for SCMP_ACT_KILL");
}

TEST(PlanSeccomp, AnErrnoThatTheKernelWouldCutIsRejected) {
  EXPECT_EQ(refusal({.names = {"x"}, .action = "SCMP_ACT_ERRNO", .errno_ret = 4096}),
            "linux.seccomp: syscalls[1]: errnoRet: 4096 is above 4095");
  EXPECT_EQ(refusal({.names = {"x"}, .action = "SCMP_ACT_TRACE", .errno_ret = 65536}),
            "linux.seccomp: syscalls[1]: errnoRet: 65536 is above 65535");
}

TEST(PlanSeccomp, UnknownNamesAreRejectedWithTheirPlace) {
  EXPECT_EQ(refusal({.default_action = "ALLOW"}),
            "linux.seccomp: defaultAction: unknown action 'ALLOW'");
  EXPECT_EQ(refusal({.default_action = "SCMP_ACT_ALLOW", .architectures = {"SCMP_ARCH_Z80"}}),
            "linux.seccomp: architectures[0]: unknown architecture 'SCMP_ARCH_Z80'");
  EXPECT_EQ(refusal({.default_action = "SCMP_ACT_ALLOW", .flags = spec::Strings{"X"}}),
            "linux.seccomp: flags[0]: unknown flag 'X'");
  EXPECT_EQ(refusal({.names = {"x"}, .action = "DENY"}),
            "linux.seccomp: syscalls[1]: unknown action 'DENY'");
  EXPECT_EQ(refusal({.names = {"x"}, .action = "SCMP_ACT_LOG", .args = {{.op = "EQ"}}}),
            "linux.seccomp: syscalls[1]: args[0]: op: unknown operator 'EQ'");
  EXPECT_EQ(refusal({.names = {"x"},
                     .action = "SCMP_ACT_LOG",
                     .args = {{.op = "SCMP_CMP_EQ"}, {.index = 6, .op = "SCMP_CMP_EQ"}}}),
            "linux.seccomp: syscalls[1]: args[1]: index: 6 is above 5");
  EXPECT_EQ(refusal({.names = {}, .action = "SCMP_ACT_LOG"}),
            "linux.seccomp: syscalls[1]: names: there are none");
}

TEST(PlanSeccomp, AnArgumentNamedTwiceMeansAlternatives) {
  const SeccompProfile plan =
      planned({.default_action = "SCMP_ACT_ERRNO",
               .syscalls = {{.names = {"personality"},
                             .action = "SCMP_ACT_ALLOW",
                             .args = {{.index = 0, .value = 0, .op = "SCMP_CMP_EQ"},
                                      {.index = 0, .value = 8, .op = "SCMP_CMP_EQ"}}}}});
  ASSERT_EQ(plan.rules.size(), 2U);
  EXPECT_EQ(plan.rules[0].args.size(), 1U);
  EXPECT_EQ(plan.rules[0].args[0].value, 0U);
  EXPECT_EQ(plan.rules[1].args[0].value, 8U);
}

TEST(PlanSeccomp, DifferentArgumentsHaveToMatchTogether) {
  const SeccompProfile plan =
      planned({.default_action = "SCMP_ACT_ERRNO",
               .syscalls = {{.names = {"socket"},
                             .action = "SCMP_ACT_ALLOW",
                             .args = {{.index = 0, .op = "SCMP_CMP_EQ"},
                                      {.index = 1, .op = "SCMP_CMP_EQ"}}}}});
  ASSERT_EQ(plan.rules.size(), 1U);
  EXPECT_EQ(plan.rules[0].args.size(), 2U);
}

TEST(PlanSeccomp, AbsentFlagsAndNoFlagsDiffer) {
  EXPECT_EQ(planned({.default_action = "SCMP_ACT_ALLOW"}).flags, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
  EXPECT_EQ(planned({.default_action = "SCMP_ACT_ALLOW", .flags = spec::Strings{}}).flags, 0U);
}

TEST(PlanSeccomp, ThereIsNothingToSynchronise) {
  EXPECT_EQ(planned({.default_action = "SCMP_ACT_ALLOW",
                     .flags = spec::Strings{"SECCOMP_FILTER_FLAG_TSYNC"}})
                .flags,
            0U);
}

spec::Seccomp notifying(const std::string& syscall) {
  return {.default_action = "SCMP_ACT_ALLOW",
          .flags = spec::Strings{"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"},
          .listener_path = "/run/agent.sock",
          .listener_metadata = "meta",
          .syscalls = {{.names = {syscall}, .action = "SCMP_ACT_NOTIFY"}}};
}

TEST(PlanSeccomp, NotifyingRulesAskForAListener) {
  EXPECT_EQ(planned(notifying("mkdir")).flags,
            SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
  EXPECT_EQ(plan_seccomp_listener({.seccomp = notifying("mkdir")}, {}, planned(notifying("mkdir"))),
            (SeccompListener{.path = "/run/agent.sock", .metadata = "meta"}));
  EXPECT_EQ(plan_seccomp_listener({.seccomp = notifying("mkdir")}, {}, {}), std::nullopt);
}

TEST(PlanSeccomp, WithoutAListenerNobodyWaitsForIt) {
  spec::Seccomp seccomp = notifying("mkdir");
  seccomp.syscalls.clear();
  EXPECT_EQ(planned(seccomp).flags, 0U);
}

TEST(PlanSeccomp, NotifyingThatCannotWorkIsRejected) {
  EXPECT_EQ(refusal({.default_action = "SCMP_ACT_NOTIFY", .listener_path = "/x"}),
            "linux.seccomp: defaultAction: SCMP_ACT_NOTIFY cannot be the default");
  EXPECT_EQ(refusal({.names = {"mkdir"}, .action = "SCMP_ACT_NOTIFY"}),
            "linux.seccomp: syscalls[1]: SCMP_ACT_NOTIFY needs linux.seccomp.listenerPath");
  EXPECT_EQ(refusal({.default_action = "SCMP_ACT_ALLOW", .listener_metadata = "x"}),
            "linux.seccomp: listenerMetadata: there is no listenerPath");
}

TEST(PlanSeccomp, ThePlanSurvivesTheWire) {
  const SeccompProfile plan = planned(notifying("mkdir"));
  EXPECT_EQ(*wire::decode<SeccompProfile>(wire::encode(plan)), plan);
}

// ---- annotations -----------------------------------------------------------------------------

// return SECCOMP_RET_ALLOW
const SeccompAnnotations kRaw = {{"run.oci.seccomp_bpf_data", "BgAAAAAA/38="}};

TEST(PlanFilter, ThereIsNoneWithoutAWish) {
  const auto plan = plan_filter({}, {});
  ASSERT_TRUE(plan);
  EXPECT_FALSE(*plan);
}

TEST(PlanFilter, ARawFilterTakesThePlaceOfTheSection) {
  spec::Linux section;
  section.seccomp = spec::Seccomp{.default_action = "SCMP_ACT_KILL", .flags = spec::Strings{}};
  const auto plan = plan_filter(section, kRaw);
  ASSERT_TRUE(plan && *plan);
  EXPECT_EQ((*plan)->raw, std::string("\6\0\0\0\0\0\xff\x7f", 8));
  EXPECT_EQ((*plan)->flags, 0U);  // the section's
  EXPECT_EQ((*plan_filter({}, kRaw))->flags, std::uint32_t{SECCOMP_FILTER_FLAG_SPEC_ALLOW});
  EXPECT_FALSE(allows_always(**plan, "execve"));  // nobody knows
  EXPECT_FALSE(plan_seccomp_listener(section, kRaw, **plan));
}

TEST(PlanFilter, ARawFilterIsAListOfInstructions) {
  const auto plan = plan_filter({}, {{"run.oci.seccomp_bpf_data", "AAAA"}});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().message(),
            "annotations[\"run.oci.seccomp_bpf_data\"]: 3 bytes are not 1 to 4096 instructions of "
            "8");
}

TEST(PlanFilter, AReceiverGetsTheListener) {
  spec::Linux section;
  section.seccomp = spec::Seccomp{.default_action = "SCMP_ACT_ALLOW",
                                  .listener_metadata = "meta",
                                  .syscalls = {{.names = {"sync"}, .action = "SCMP_ACT_NOTIFY"}}};
  EXPECT_FALSE(plan_filter(section, {}));
  const SeccompAnnotations receiver = {{"run.oci.seccomp.receiver", "/run/agent"}};
  for (const std::string path : {"", "/elsewhere"}) {
    section.seccomp->listener_path = path;
    const auto plan = plan_filter(section, receiver);
    ASSERT_TRUE(plan && *plan);
    EXPECT_EQ(plan_seccomp_listener(section, receiver, **plan),
              (SeccompListener{.path = "/run/agent", .metadata = "meta"}));
  }
  SeccompAnnotations raw = kRaw;
  raw.insert(receiver.begin(), receiver.end());
  const auto plan = plan_filter({}, raw);
  ASSERT_TRUE(plan && *plan);
  EXPECT_EQ(plan_seccomp_listener({}, raw, **plan),
            (SeccompListener{.path = "/run/agent", .metadata = ""}));
}

TEST(PlanFilter, UnknownNamesMayBeForbidden) {
  spec::Linux section;
  section.seccomp = spec::Seccomp{.default_action = "SCMP_ACT_ALLOW"};
  const std::string name = "run.oci.seccomp_fail_unknown_syscall";
  EXPECT_TRUE((*plan_filter(section, {{name, "1"}}))->known_names_only);
  EXPECT_FALSE((*plan_filter(section, {{name, "0"}}))->known_names_only);
  EXPECT_FALSE((*plan_filter(section, {}))->known_names_only);
}

}  // namespace
}  // namespace brig
