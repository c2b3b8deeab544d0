#include "linux/network/plan.h"

#include <gtest/gtest.h>
#include <linux/rtnetlink.h>

#include "linux/network/apply.h"
#include "spec/types.h"

namespace brig {
namespace {

TEST(PlanNetwork, ADeviceKeepsItsNameOrGetsTheOneThatIsAskedFor) {
  spec::Linux section;
  section.net_devices = {{"eth0", "net0"}, {"eth1", "eth1"}};
  EXPECT_EQ(plan_network(section), (NetworkPlan{{.host_name = "eth0", .name = "net0"},
                                                {.host_name = "eth1", .name = "eth1"}}));
}

TEST(PlanNetwork, ATemplateGivesNumberedNames) {
  EXPECT_TRUE(is_template("net%d"));
  EXPECT_FALSE(is_template("net"));
  EXPECT_EQ(numbered_name("net%d", 0), "net0");
  EXPECT_EQ(numbered_name("a%db", 12), "a12b");
  EXPECT_EQ(numbered_name("net", 3), "net");
}

TEST(PlanNetwork, OnlyPermanentAddressesOfGlobalScopeMove) {
  const sys::NetworkAddress kept{.family = 2,
                                 .prefix_length = 24,
                                 .scope = RT_SCOPE_UNIVERSE,
                                 .flags = IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE,
                                 .local = "abcd"};
  sys::NetworkAddress link_local = kept, temporary = kept, as_it_is_made = kept;
  link_local.scope = RT_SCOPE_LINK;
  temporary.flags = IFA_F_TEMPORARY;
  as_it_is_made.flags = IFA_F_NOPREFIXROUTE;
  EXPECT_EQ(lasting_addresses({link_local, kept, temporary}),
            std::vector<sys::NetworkAddress>{as_it_is_made});
}

}  // namespace
}  // namespace brig
