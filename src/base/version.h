#pragma once

namespace brig {

// The version of the runtime specification that brig's states and features comply with.
inline constexpr char kSpecVersion[] = "1.3.0";

}  // namespace brig
