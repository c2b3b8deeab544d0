#include "linux/lsm/plan.h"

#include <gtest/gtest.h>

#include "spec/types.h"

namespace brig {
namespace {

constexpr LsmFacts kAppArmor{.apparmor = true, .apparmor_directory = true};
constexpr LsmFacts kSelinux{.selinux = true};

spec::Process under_profile(const std::string& profile) {
  spec::Process process;
  process.apparmor_profile = profile;
  return process;
}

spec::Process with_label(const std::string& label) {
  spec::Process process;
  process.selinux_label = label;
  return process;
}

LabelPlan planned(const spec::Process& process, const LsmFacts& facts) {
  const auto plan = plan_label(process, facts);
  EXPECT_TRUE(plan && *plan);
  return plan && *plan ? **plan : LabelPlan{};
}

std::string refusal(const spec::Process& process, const LsmFacts& facts) {
  const auto plan = plan_label(process, facts);
  return plan ? "" : plan.error().message();
}

TEST(PlanLabel, NoneIsNone) {
  EXPECT_EQ(*plan_label({}, kAppArmor), std::nullopt);
  EXPECT_FALSE(asks_for_label({}));
}

TEST(PlanLabel, AnAppArmorProfileHoldsFromTheExecve) {
  EXPECT_EQ(
      planned(under_profile("docker-default"), kAppArmor),
      (LabelPlan{.attribute = "thread-self/attr/apparmor/exec", .value = "exec docker-default"}));
}

TEST(PlanLabel, BeforeLinux58AppArmorSharesTheAttribute) {
  EXPECT_EQ(planned(under_profile("p"), {.apparmor = true}).attribute, "thread-self/attr/exec");
}

TEST(PlanLabel, WhoMayNotLeaveItsProfileStacksAnother) {
  LsmFacts confined = kAppArmor;
  confined.confined = true;
  spec::Process process = under_profile("p");
  EXPECT_EQ(planned(process, confined).value, "exec p");
  process.no_new_privileges = true;
  EXPECT_EQ(planned(process, confined).value, "stack p");
  EXPECT_EQ(planned(process, kAppArmor).value, "exec p");
}

TEST(PlanLabel, AnSelinuxLabelIsWrittenAsItIs) {
  EXPECT_EQ(planned(with_label("system_u:system_r:container_t:s0"), kSelinux),
            (LabelPlan{.attribute = "thread-self/attr/exec",
                       .value = "system_u:system_r:container_t:s0"}));
}

TEST(PlanLabel, AModuleThatIsNotThereIsAnError) {
  EXPECT_EQ(refusal(under_profile("p"), kSelinux),
            "process.apparmorProfile: AppArmor is not enabled on this host; leave the label out");
  EXPECT_EQ(refusal(with_label("l"), kAppArmor),
            "process.selinuxLabel: SELinux is not enabled on this host; leave the label out");
  EXPECT_EQ(check_mount_label("l", kAppArmor).error().message(),
            "linux.mountLabel: SELinux is not enabled on this host; leave the label out");
  EXPECT_TRUE(check_mount_label("l", kSelinux));
  EXPECT_TRUE(check_mount_label("", {}));
}

}  // namespace
}  // namespace brig
