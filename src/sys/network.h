#pragma once

#include "base/error.h"

namespace brig::sys {

// Brings a device of the current network namespace up (SIOCSIFFLAGS, netdevice(7)).
Result<> bring_up_device(const char* name);

}  // namespace brig::sys
