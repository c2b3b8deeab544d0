#include "runtime/events.h"

#include "linux/cgroup/stats/oom.h"
#include "sys/notification.h"
#include "sys/process.h"

namespace brig::runtime {

namespace {

Result<> tell_stats(const StatsSource& source, const Watcher& watcher) {
  const ContainerStats stats = TRY(source.read());
  if (source.ended()) return {};  // the cgroup was perhaps being removed while we read
  return watcher.stats(stats);
}

}  // namespace

Result<> watch(const Settings& settings, const WatchOptions& options, const Watcher& watcher) {
  const StatsSource source = TRY(StatsSource::open(settings, options.id));
  OomWatch oom = TRY_DOING(OomWatch::open(source.cgroup()), "watch for want of memory");
  const Fd timer = TRY(sys::open_interval_timer(options.interval_ms));
  while (true) {
    const std::vector<bool> ready = TRY(sys::wait_readable({source.init(), oom.fd(), timer}, -1));
    // First: want of memory may be what has ended the container.
    for (std::uint64_t times = TRY(oom.take()); times > 0; --times) TRY(watcher.out_of_memory());
    if (ready[0]) return {};
    if (!ready[2]) continue;
    TRY(sys::take_count(timer));
    TRY(tell_stats(source, watcher));
  }
}

}  // namespace brig::runtime
