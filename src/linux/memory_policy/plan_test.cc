#include "linux/memory_policy/plan.h"

#include <gtest/gtest.h>
#include <linux/mempolicy.h>

#include "spec/types.h"

namespace brig {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::string refusal(const spec::MemoryPolicy& policy) {
  const Result<MemoryPolicyPlan> plan = plan_memory_policy(policy);
  return plan ? "accepted" : plan.error().message();
}

TEST(PlanMemoryPolicy, EveryModeHasTheKernelsNumber) {
  const std::pair<const char*, std::uint32_t> modes[] = {{"MPOL_DEFAULT", 0},
                                                         {"MPOL_PREFERRED", 1},
                                                         {"MPOL_BIND", 2},
                                                         {"MPOL_LOCAL", 4},
                                                         {"MPOL_INTERLEAVE", 3},
                                                         {"MPOL_PREFERRED_MANY", 5},
                                                         {"MPOL_WEIGHTED_INTERLEAVE", 6}};
  for (const auto& [name, number] : modes)
    EXPECT_EQ(plan_memory_policy({.mode = name})->mode, number) << name;
}

TEST(PlanMemoryPolicy, FlagsGoIntoTheMode) {
  EXPECT_EQ(plan_memory_policy({.mode = "MPOL_BIND",
                                .nodes = "0",
                                .flags = {"MPOL_F_STATIC_NODES", "MPOL_F_NUMA_BALANCING"}})
                ->mode,
            MPOL_BIND | 1U << 15 | 1U << 13);
  EXPECT_EQ(plan_memory_policy(
                {.mode = "MPOL_INTERLEAVE", .nodes = "0", .flags = {"MPOL_F_RELATIVE_NODES"}})
                ->mode,
            MPOL_INTERLEAVE | 1U << 14);
}

TEST(PlanMemoryPolicy, NodesBecomeBits) {
  EXPECT_EQ(plan_memory_policy({.mode = "MPOL_BIND", .nodes = "0-3,7"})->nodes, Bytes{0x8f});
  EXPECT_EQ(plan_memory_policy({.mode = "MPOL_BIND", .nodes = "9"})->nodes, (Bytes{0, 2}));
  EXPECT_EQ(plan_memory_policy({.mode = "MPOL_LOCAL"})->nodes, Bytes{});
}

TEST(PlanMemoryPolicy, WhatIsNotThereIsRejectedByName) {
  EXPECT_EQ(refusal({.mode = "MPOL_MAX"}), "linux.memoryPolicy.mode: unknown 'MPOL_MAX'");
  EXPECT_EQ(refusal({.mode = "MPOL_LOCAL", .flags = {"MPOL_F_NODE"}}),
            "linux.memoryPolicy.flags: unknown 'MPOL_F_NODE'");
  EXPECT_EQ(refusal({.mode = "MPOL_BIND", .nodes = "3-1"}),
            "linux.memoryPolicy.nodes: '3-1' is not a list such as 0-3,7");
}

}  // namespace
}  // namespace brig
