// Which brig this is.
#pragma once

#include <string_view>

namespace brig::runtime {

inline constexpr std::string_view kSpecVersion = "1.3.0";  // newest runtime specification known

std::string_view version();
std::string_view commit();  // empty when built outside of a git checkout
std::string_view libseccomp_version();

}  // namespace brig::runtime
