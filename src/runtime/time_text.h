#pragma once

#include <cstdint>
#include <string>

namespace brig::runtime {

// RFC 3339 in UTC with nanoseconds: "2026-01-02T03:04:05.000000006Z".
std::string utc_text(std::int64_t ns_since_1970);

}  // namespace brig::runtime
