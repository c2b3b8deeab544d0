#pragma once

#include <cstdint>
#include <span>

#include "base/error.h"

namespace brig::sys {

// set_mempolicy(2) of the calling thread. Bit i of the bytes is node i.
Result<> set_memory_policy(std::uint32_t mode, std::span<const std::uint8_t> nodes);

}  // namespace brig::sys
