// A container's cgroups while it lives and when it ends. Everything works from the paths alone,
// also when a part of them is gone or was never made.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "linux/cgroup/types.h"

namespace brig {

// The processes of the cgroups and all below them, by the numbers of our pid namespace, sorted.
Result<std::vector<pid_t>> cgroup_processes(const CgroupPaths& paths);

// Paused: frozen by itself, or about to be.
Result<bool> is_frozen(const CgroupPaths& paths);

enum class CgroupFreeze : std::uint8_t { Freeze, Thaw };
// Waits until every process stands still, or fails at the deadline (sys::monotonic_ms). Without a
// freezer: Errc::Unsupported.
Result<> freeze_cgroup(const CgroupPaths& paths, CgroupFreeze wanted, std::int64_t deadline_ms);

// Sends the signal to every process. SIGKILL also thaws, as frozen v1 processes do not die.
// No process, or no cgroup, is not an error.
Result<> kill_cgroup(const CgroupPaths& paths, int signal);

// Kills what is inside and removes the cgroups with all below them. At the deadline it fails and
// names what is left. What does not exist is fine.
Result<> remove_cgroup(const CgroupPaths& paths, std::int64_t deadline_ms);

}  // namespace brig
