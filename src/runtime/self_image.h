// The brig binary as the container's init may execute it.
#pragma once

#include "base/error.h"
#include "sys/fd.h"

namespace brig::runtime {

// A process of the container can reach the binary that init runs from, through
// /proc/PID/exe, and would overwrite the host's copy if it could (CVE-2019-5736). So init never
// runs from that copy: it runs from a detached read-only clone of the mount it lies on, from the
// file itself where that is read-only anyway, or from a sealed copy in memory.
Result<Fd> open_self_image();

}  // namespace brig::runtime
