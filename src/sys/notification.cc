#include "sys/notification.h"

#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "sys/file.h"
#include "sys/retry.h"

namespace brig::sys {

Result<Fd> open_event_counter() {
  Fd counter(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!counter) return fail_errno("eventfd");
  return counter;
}

Result<Fd> open_interval_timer(std::int64_t period_ms) {
  Fd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer) return fail_errno("timerfd_create");
  const timespec period{.tv_sec = period_ms / 1000, .tv_nsec = period_ms % 1000 * 1'000'000};
  const itimerspec wanted{.it_interval = period, .it_value = period};
  if (::timerfd_settime(timer.raw(), 0, &wanted, nullptr) != 0)
    return fail_errno("timerfd_settime");
  return timer;
}

Result<std::uint64_t> take_count(FdRef counter_or_timer) {
  std::uint64_t count = 0;
  const ssize_t got =
      retry_eintr([&] { return ::read(counter_or_timer.raw(), &count, sizeof count); });
  if (got < 0 && errno == EAGAIN) return std::uint64_t{0};
  if (got < 0) return fail_errno("read a counter");
  return count;
}

Result<> count_cgroup_events(FdRef cgroup, FdRef file, FdRef counter) {
  return write_file_at(cgroup, "cgroup.event_control", cat(counter.raw(), " ", file.raw()));
}

Result<Fd> watch_modifications(FdRef dir, const std::string& file) {
  const Fd watched = TRY(open_at(dir, file, O_RDONLY));
  Fd watch(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!watch) return fail_errno("inotify_init1");
  if (::inotify_add_watch(watch.raw(), fd_path(watched).c_str(), IN_MODIFY) < 0)
    return fail_errno("inotify_add_watch ", file);
  return watch;
}

Result<> drain_modifications(FdRef watch) {
  std::array<char, 4096> events{};
  while (true) {
    const ssize_t got =
        retry_eintr([&] { return ::read(watch.raw(), events.data(), events.size()); });
    if (got < 0 && errno == EAGAIN) return {};
    if (got < 0) return fail_errno("read inotify");
  }
}

}  // namespace brig::sys
