#include "linux/hooks/plan.h"

#include <gtest/gtest.h>

#include "base/wire.h"
#include "spec/types.h"

namespace brig {
namespace {

std::string refusal(const spec::Hooks& hooks) {
  const Result<HookPlan> plan = plan_hooks(hooks);
  return plan ? "accepted" : plan.error().message();
}

TEST(PlanHooks, EachListKeepsItsPlaceAndOrder) {
  const spec::Hooks hooks{.prestart = {{.path = "/a"}, {.path = "/b"}},
                          .create_runtime = {{.path = "/c"}},
                          .create_container = {{.path = "/d"}},
                          .start_container = {{.path = "/e"}},
                          .poststart = {{.path = "/f"}},
                          .poststop = {{.path = "/g"}}};
  const HookPlan plan = *plan_hooks(hooks);
  ASSERT_EQ(plan.prestart.size(), 2U);
  EXPECT_EQ(plan.prestart[1].path, "/b");
  EXPECT_EQ(plan.prestart[1].origin, "hooks.prestart[1]");
  EXPECT_EQ(plan.create_runtime[0].origin, "hooks.createRuntime[0]");
  EXPECT_EQ(plan.create_container[0].origin, "hooks.createContainer[0]");
  EXPECT_EQ(plan.start_container[0].origin, "hooks.startContainer[0]");
  EXPECT_EQ(plan.poststart[0].origin, "hooks.poststart[0]");
  EXPECT_EQ(plan.poststop[0].origin, "hooks.poststop[0]");
}

TEST(PlanHooks, WithoutEnvTheEnvironmentIsEmpty) {
  const HookPlan plan = *plan_hooks({.poststop = {{.path = "/a"}}});
  EXPECT_TRUE(plan.poststop[0].envp.empty());
}

TEST(PlanHooks, EverythingIsTakenAsItIs) {
  const HookPlan plan = *plan_hooks(
      {.poststop = {
           {.path = "/a", .args = {"x", "y"}, .env = spec::Strings{"K=v"}, .timeout = 3}}});
  const Hook expected{.origin = "hooks.poststop[0]",
                      .path = "/a",
                      .argv = {"x", "y"},
                      .envp = {"K=v"},
                      .timeout_s = 3};
  EXPECT_EQ(plan.poststop[0], expected);
}

TEST(PlanHooks, WithoutArgsTheProgramIsNamedByItsPath) {
  const HookPlan plan = *plan_hooks({.poststop = {{.path = "/a"}}});
  EXPECT_EQ(plan.poststop[0].argv, std::vector<std::string>{"/a"});
}

TEST(PlanHooks, ARelativePathIsRejected) {
  EXPECT_EQ(refusal({.create_runtime = {{.path = "/a"}, {.path = "bin/x"}}}),
            "hooks.createRuntime[1]: path: 'bin/x' is not an absolute path");
  EXPECT_EQ(refusal({.poststart = {{.path = ""}}}),
            "hooks.poststart[0]: path: '' is not an absolute path");
}

TEST(PlanHooks, ATimeoutThatIsNoTimeIsRejected) {
  EXPECT_EQ(refusal({.poststart = {{.path = "/a", .timeout = 0}}}),
            "hooks.poststart[0]: timeout: 0 is not greater than zero");
  EXPECT_EQ(refusal({.poststart = {{.path = "/a", .timeout = -1}}}),
            "hooks.poststart[0]: timeout: -1 is not greater than zero");
  EXPECT_EQ(refusal({.poststart = {{.path = "/a", .timeout = 2147484}}}),
            "hooks.poststart[0]: timeout: 2147484 is above 2147483");
}

TEST(PlanHooks, ThePlanSurvivesTheWire) {
  const HookPlan plan = *plan_hooks({.poststop = {{.path = "/a", .timeout = 3}}});
  EXPECT_EQ(*wire::decode<HookPlan>(wire::encode(plan)), plan);
}

}  // namespace
}  // namespace brig
