// Programs that the configuration wants run at points of the container's life (hooks). When each
// list runs, in which namespaces, and what its failure means is the business of runtime/ and init/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace brig::spec {
struct Hooks;
}

namespace brig {

struct Hook {
  std::string origin;  // "hooks.createRuntime[0]"
  std::string path;
  std::vector<std::string> argv;
  // Exactly what the configuration lists; nothing when it lists nothing. A hook runs with the
  // rights of brig: neither the environment of whoever called brig nor that of the container may
  // reach it (CVE-2025-23266 was LD_PRELOAD from an image's).
  std::vector<std::string> envp;
  std::optional<std::uint32_t> timeout_s;  // absent: as long as it takes
  bool operator==(const Hook&) const = default;
};

struct HookPlan {
  std::vector<Hook> prestart, create_runtime, create_container, start_container, poststart,
      poststop;
  bool operator==(const HookPlan&) const = default;
};

Result<HookPlan> plan_hooks(const spec::Hooks& hooks);

}  // namespace brig
