#include "linux/rlimits/plan.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/wire.h"
#include "linux/rlimits/apply.h"
#include "spec/types.h"

namespace brig {
namespace {

std::string refusal(const spec::Process& process) {
  const Result<RlimitPlan> plan = plan_rlimits(process);
  return plan ? "accepted" : plan.error().message();
}

TEST(PlanRlimits, EveryNameOfTheSpecBecomesItsNumber) {
  spec::Process process;
  for (const std::string_view name : rlimit_names())
    process.rlimits.push_back({.type = std::string(name), .soft = 1, .hard = 2});
  const Result<RlimitPlan> plan = plan_rlimits(process);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->size(), std::size_t{RLIM_NLIMITS});
  for (const Rlimit& limit : *plan) EXPECT_NE(rlimit_name(limit.resource), "RLIMIT_?");
}

TEST(PlanRlimits, KeepsTheOrderAndTheUnlimitedValue) {
  const spec::Process process{.rlimits = {{.type = "RLIMIT_NOFILE", .soft = 1024, .hard = 4096},
                                          {.type = "RLIMIT_CORE", .hard = UINT64_MAX}}};
  const RlimitPlan expected{{.resource = RLIMIT_NOFILE, .soft = 1024, .hard = 4096},
                            {.resource = RLIMIT_CORE, .soft = 0, .hard = UINT64_MAX}};
  EXPECT_EQ(*plan_rlimits(process), expected);
}

TEST(PlanRlimits, SoftAboveHardIsRejectedWithBothNumbers) {
  EXPECT_EQ(refusal({.rlimits = {{.type = "RLIMIT_NOFILE", .soft = 2048, .hard = 1024}}}),
            "process.rlimits[0]: RLIMIT_NOFILE: soft 2048 exceeds hard 1024");
}

TEST(PlanRlimits, AnUnknownNameIsRejected) {
  EXPECT_EQ(refusal({.rlimits = {{.type = "RLIMIT_FOO"}}}),
            "process.rlimits[0]: unknown rlimit 'RLIMIT_FOO'");
}

TEST(PlanRlimits, ATypeThatIsSetTwiceIsRejected) {
  EXPECT_EQ(refusal({.rlimits = {{.type = "RLIMIT_CORE"}, {.type = "RLIMIT_CORE"}}}),
            "process.rlimits[1]: RLIMIT_CORE is set twice");
}

TEST(PlanRlimits, ThePlanSurvivesTheWire) {
  const RlimitPlan plan{{.resource = RLIMIT_CPU, .soft = 1, .hard = UINT64_MAX}};
  EXPECT_EQ(*wire::decode<RlimitPlan>(wire::encode(plan)), plan);
}

// Runs `body` in a child, so that the limits of the test process stay; its result is the status.
template <class Body>
int in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

TEST(ApplyRlimits, SetsTheLimitsOfTheCallingProcess) {
  EXPECT_EQ(0, in_child([] {
              if (!apply_rlimits(0, {{.resource = RLIMIT_CORE, .soft = 3, .hard = 5}})) return 1;
              rlimit now{};
              ::getrlimit(RLIMIT_CORE, &now);
              return now.rlim_cur == 3 && now.rlim_max == 5 ? 0 : 2;
            }));
}

TEST(ApplyRlimits, ARefusedHardLimitIsExplained) {
  EXPECT_EQ(0, in_child([] {
              // Not for root: it may raise what it likes.
              if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) return 1;
              if (!apply_rlimits(0, {{.resource = RLIMIT_CORE, .soft = 0, .hard = 7}})) return 2;
              const Result<> raised =
                  apply_rlimits(0, {{.resource = RLIMIT_CORE, .soft = 0, .hard = UINT64_MAX}});
              return !raised && raised.error().message() ==
                                    "set RLIMIT_CORE to 0:unlimited: the hard limit here is 7 and "
                                    "raising it needs CAP_SYS_RESOURCE: prlimit: operation not "
                                    "permitted (EPERM)"
                         ? 0
                         : 3;
            }));
}

}  // namespace
}  // namespace brig
