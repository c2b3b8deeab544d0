// How `process` of a configuration becomes a plan: alike for the container's first process and for
// one that enters it later.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "init/plan.h"
#include "runtime/caller.h"

namespace brig {

namespace spec {
struct Process;
}

namespace runtime {

enum class GroupRule : std::uint8_t {
  Set,              // to those of the configuration
  SetUnlessDenied,  // a user namespace may have it denied, which only the process itself sees
  Denied,           // known beforehand: they stay, and none can be added
  Keep,             // they are wanted
};

struct ProcessFacts {
  bool in_user_namespace = false;
  Caller caller;
  std::uint32_t last_capability = 40;  // of the kernel
  GroupRule groups = GroupRule::Set;
};

// What becomes of the caller's additional groups.
GroupRule group_rule_of(const std::map<std::string, std::string>& annotations, GroupRule otherwise);

// Fills what `process` decides in `init`: program, terminal, limits, credentials. Variables of
// `environment` come after those of the configuration and win.
Result<> plan_process(const spec::Process& process, const ProcessFacts& facts,
                      const std::vector<std::string>& environment, InitPlan& init);

}  // namespace runtime
}  // namespace brig
