// The names of capabilities(7) and their numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brig {

// In the order of their numbers: element 0 is "CAP_CHOWN".
std::vector<std::string_view> capability_names();
std::optional<unsigned> capability_number(std::string_view name);
// "CAP_CHOWN" for 0; "CAP_?" beyond what this build knows.
std::string_view capability_name(unsigned number);

// "CAP_CHOWN, CAP_KILL" for a mask.
std::string describe_capabilities(std::uint64_t mask);

}  // namespace brig
