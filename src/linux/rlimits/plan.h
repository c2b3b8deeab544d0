// Resource limits of the container's process (process.rlimits). Not here: limits of cgroups.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace brig::spec {
struct Process;
}

namespace brig {

struct Rlimit {
  int resource = 0;
  std::uint64_t soft = 0, hard = 0;  // UINT64_MAX: unlimited
  bool operator==(const Rlimit&) const = default;
};
using RlimitPlan = std::vector<Rlimit>;

Result<RlimitPlan> plan_rlimits(const spec::Process& process);

// "RLIMIT_NOFILE" for 7, "RLIMIT_?" for a number that is none.
std::string_view rlimit_name(int resource);
// "unlimited", or the number.
std::string limit_text(std::uint64_t limit);
// All of them, for `features`.
std::vector<std::string_view> rlimit_names();

}  // namespace brig
