// On which memory nodes the container's processes get their memory (linux.memoryPolicy,
// set_mempolicy(2)).
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"

namespace brig {

namespace spec {
struct MemoryPolicy;
}

struct MemoryPolicyPlan {
  std::uint32_t mode = 0;           // MPOL_*, with the MPOL_F_* in it
  std::vector<std::uint8_t> nodes;  // bit i of the bytes is node i
  bool operator==(const MemoryPolicyPlan&) const = default;
};

Result<MemoryPolicyPlan> plan_memory_policy(const spec::MemoryPolicy& policy);

}  // namespace brig
