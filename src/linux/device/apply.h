#pragma once

#include "base/error.h"
#include "linux/device/plan.h"
#include "linux/root.h"

namespace brig {

// Makes the nodes that are not bound from the host, and the links. The umask must be 0.
Result<> apply_devices(const DevicePlan& plan, const Root& root);

}  // namespace brig
