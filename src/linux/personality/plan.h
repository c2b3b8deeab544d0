// The execution domain of the container's process (linux.personality).
#pragma once

#include <cstdint>

#include "base/error.h"

namespace brig::spec {
struct Personality;
}

namespace brig {

struct PersonalityPlan {
  std::uint64_t domain = 0;  // PER_*
  bool operator==(const PersonalityPlan&) const = default;
};

Result<PersonalityPlan> plan_personality(const spec::Personality& personality);

}  // namespace brig
