#include "linux/personality/plan.h"

#include <gtest/gtest.h>
#include <sys/personality.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string_view>

#include "linux/personality/apply.h"
#include "spec/types.h"

namespace brig {
namespace {

std::string refusal(const spec::Personality& personality) {
  const Result<PersonalityPlan> plan = plan_personality(personality);
  return plan ? "accepted" : plan.error().message();
}

TEST(PlanPersonality, BothDomainsOfTheSpecAreKnown) {
  EXPECT_EQ(plan_personality({.domain = "LINUX"})->domain, std::uint64_t{PER_LINUX});
  EXPECT_EQ(plan_personality({.domain = "LINUX32"})->domain, std::uint64_t{PER_LINUX32});
}

TEST(PlanPersonality, AnotherDomainIsRejected) {
  EXPECT_EQ(refusal({.domain = "BSD"}),
            "linux.personality.domain: unknown domain 'BSD' (LINUX or LINUX32)");
}

TEST(PlanPersonality, AFlagIsRejectedByName) {
  EXPECT_EQ(refusal({.domain = "LINUX", .flags = {"ADDR_NO_RANDOMIZE"}}),
            "linux.personality.flags[0]: 'ADDR_NO_RANDOMIZE' is not supported: the specification "
            "defines no flags");
}

TEST(ApplyPersonality, Linux32ChangesWhatUnameSays) {
  const pid_t child = ::fork();
  if (child == 0) {
    utsname name{};
    const bool done = apply_personality({.domain = PER_LINUX32}) && ::uname(&name) == 0;
    ::_exit(done && std::string_view(name.machine) != "x86_64" ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace brig
