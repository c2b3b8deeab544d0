// Who a uid of the host is.
#pragma once

#include <cstdint>
#include <string>

namespace brig::runtime {

// From the host's /etc/passwd; not by getpwuid(3), which would load nsswitch modules. The number
// where there is no name.
std::string user_name(std::uint32_t uid);

}  // namespace brig::runtime
