#pragma once

#include <string_view>

namespace brig {

// "2.5.4": the libseccomp that brig is built with, which is the one inside a static binary.
std::string_view libseccomp_version();

}  // namespace brig
