// How `process` of a configuration becomes a plan: alike for the container's first process and for
// one that enters it later.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "init/plan.h"

namespace brig {

namespace spec {
struct Process;
}

namespace runtime {

struct ProcessFacts {
  bool in_user_namespace = false;
  std::uint64_t permitted_capabilities = 0;  // of brig
  std::uint32_t last_capability = 40;        // of the kernel
};

// Fills what `process` decides in `init`: program, terminal, limits, credentials. Variables of
// `environment` come after those of the configuration and win.
Result<> plan_process(const spec::Process& process, const ProcessFacts& facts,
                      const std::vector<std::string>& environment, InitPlan& init);

}  // namespace runtime
}  // namespace brig
