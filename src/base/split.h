// Text taken apart at a separator.
#pragma once

#include <string_view>
#include <vector>

namespace brig {

// split("a,,b", ',') == {"a", "", "b"}; nothing for an empty text.
std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace brig
