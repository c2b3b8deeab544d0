// Descriptors that become readable when something has happened: for wait_readable().
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "sys/fd.h"

namespace brig::sys {

// eventfd(2): whoever is told its number adds to it.
Result<Fd> open_event_counter();
// timerfd_create(2): readable every `period_ms` from now on.
Result<Fd> open_interval_timer(std::int64_t period_ms);
// What was added, or how often it went off, since the last call. 0: nothing; it does not wait.
Result<std::uint64_t> take_count(FdRef counter_or_timer);

// Has a cgroup v1 add one to `counter` whenever what `file` of the cgroup is about happens, and
// when the cgroup is removed (cgroup.event_control). Ends when the counter is closed.
Result<> count_cgroup_events(FdRef cgroup, FdRef file, FdRef counter);

// inotify(7) for IN_MODIFY of one file. The kernel announces changes of cgroup.events and
// memory.events that way.
Result<Fd> watch_modifications(FdRef dir, const std::string& file);
// Forgets what was announced so far; it does not wait.
Result<> drain_modifications(FdRef watch);

}  // namespace brig::sys
