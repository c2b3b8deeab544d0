// personality(2).
#pragma once

#include "base/error.h"

namespace brig::sys {

Result<> set_personality(unsigned long domain);
Result<unsigned long> get_personality();

}  // namespace brig::sys
