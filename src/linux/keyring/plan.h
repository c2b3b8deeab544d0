// A session keyring of the container's own, so that it neither sees nor fills the caller's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"

namespace brig {

struct KeyringPlan {
  std::string name;
  // What the keyring's permissions become; absent: they stay (a process that joins later).
  std::optional<std::uint32_t> permissions;
  bool operator==(const KeyringPlan&) const = default;
};

enum class InUserNamespace : std::uint8_t { No, Yes };

// For the process that creates the container.
KeyringPlan plan_keyring(const std::string& container_id, InUserNamespace nested);
// For one that enters it afterwards: the same keyring, as it is.
KeyringPlan plan_joined_keyring(const std::string& container_id);

}  // namespace brig
