// Container ids.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace brig {

// An id names a directory of the state root and a cgroup: letters, digits and "_+-." only, not
// starting with a dot, at most 255 bytes.
Result<> validate_id(std::string_view id);

// For `run` without an id: "brig-" and ten random letters and digits.
Result<std::string> pick_id();

}  // namespace brig
