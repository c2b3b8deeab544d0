#include "linux/memory_policy/plan.h"

#include <linux/mempolicy.h>

#include <iterator>
#include <optional>
#include <string_view>

#include "linux/cpu_list.h"
#include "spec/types.h"

namespace brig {

namespace {

struct Word {
  std::string_view name;
  std::uint32_t value;
};
// The last two are newer than the headers of Debian 12.
constexpr Word kModes[] = {{"MPOL_DEFAULT", MPOL_DEFAULT}, {"MPOL_PREFERRED", MPOL_PREFERRED},
                           {"MPOL_BIND", MPOL_BIND},       {"MPOL_INTERLEAVE", MPOL_INTERLEAVE},
                           {"MPOL_LOCAL", MPOL_LOCAL},     {"MPOL_PREFERRED_MANY", 5},
                           {"MPOL_WEIGHTED_INTERLEAVE", 6}};
constexpr Word kFlags[] = {{"MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES},
                           {"MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES},
                           {"MPOL_F_NUMA_BALANCING", MPOL_F_NUMA_BALANCING}};

template <std::size_t N>
std::optional<std::uint32_t> value_of(const Word (&words)[N], std::string_view name) {
  for (const Word& word : words)
    if (word.name == name) return word.value;
  return std::nullopt;
}

std::unexpected<Error> refuse(std::string_view member, std::string_view why) {
  return fail(Errc::BadConfig, cat("linux.memoryPolicy.", member, ": ", why));
}

}  // namespace

Result<MemoryPolicyPlan> plan_memory_policy(const spec::MemoryPolicy& policy) {
  MemoryPolicyPlan plan;
  const auto mode = value_of(kModes, policy.mode);
  if (!mode) return refuse("mode", cat("unknown '", policy.mode, "'"));
  plan.mode = *mode;
  for (const std::string& name : policy.flags) {
    const auto flag = value_of(kFlags, name);
    if (!flag) return refuse("flags", cat("unknown '", name, "'"));
    plan.mode |= *flag;
  }
  if (policy.nodes.empty()) return plan;
  std::optional<std::vector<std::uint8_t>> nodes = mask_of_list(policy.nodes);
  if (!nodes) return refuse("nodes", cat("'", policy.nodes, "' is not a list such as 0-3,7"));
  plan.nodes = std::move(*nodes);
  return plan;
}

}  // namespace brig
