#pragma once

#include <string>

#include "base/error.h"

namespace brig::sys {

Result<std::string> random_bytes(std::size_t count);  // getrandom(2); at most 256

}  // namespace brig::sys
