#include "linux/cgroup/stats/oom.h"

#include <cerrno>
#include <utility>

#include "linux/cgroup/parse.h"
#include "linux/cgroup/stats/parse.h"
#include "sys/file.h"
#include "sys/notification.h"

namespace brig {

namespace {

constexpr const char kV1File[] = "memory.oom_control";
constexpr const char kV2File[] = "memory.events";

bool has_memory(const CgroupDir& dir) {
  for (const std::string_view controller : split(dir.controllers, ','))
    if (controller == "memory") return true;
  return false;
}

Result<std::uint64_t> kills_counted(const CounterFiles& files) {
  const KeyValues events = TRY(files.key_values(kV2File));
  return value_of(events, "oom_kill");
}

}  // namespace

Result<OomWatch> OomWatch::open(const CgroupPaths& paths) {
  for (const CgroupDir& dir : paths.v1)
    if (has_memory(dir)) return open_v1(dir);
  for (const CgroupDir& dir : paths.v2) return open_v2(dir);
  return OomWatch();
}

Result<OomWatch> OomWatch::open_v1(const CgroupDir& dir) {
  OomWatch watch;
  watch.files_ = TRY(CounterFiles::open(dir));
  if (!watch.files_.dir()) return watch;
  const Fd oom_control = TRY(sys::open_at(watch.files_.dir(), kV1File, O_RDONLY));
  watch.signal_ = TRY(sys::open_event_counter());
  TRY(sys::count_cgroup_events(watch.files_.dir(), oom_control, watch.signal_));
  watch.source_ = Source::V1;
  return watch;
}

Result<OomWatch> OomWatch::open_v2(const CgroupDir& dir) {
  OomWatch watch;
  watch.files_ = TRY(CounterFiles::open(dir));
  if (!watch.files_.dir()) return watch;
  Result<Fd> signal = sys::watch_modifications(watch.files_.dir(), kV2File);
  if (!signal && signal.error().sys_errno() == ENOENT) return watch;
  watch.signal_ = TRY(std::move(signal));
  watch.kills_ = TRY(kills_counted(watch.files_));
  watch.source_ = Source::V2;
  return watch;
}

Result<std::uint64_t> OomWatch::take() {
  switch (source_) {
    case Source::None:
      return std::uint64_t{0};
    case Source::V1:
      return take_v1();
    case Source::V2:
      return take_v2();
  }
  std::unreachable();
}

// The kernel adds one for every time, and one more when the cgroup is removed.
Result<std::uint64_t> OomWatch::take_v1() const {
  const std::uint64_t count = TRY(sys::take_count(signal_));
  if (count == 0) return count;
  const bool exists = TRY(sys::exists_at(files_.dir(), kV1File));
  return exists ? count : count - 1;
}

// memory.events changes for other reasons too (a limit was met), and counts what happened in
// cgroups below.
Result<std::uint64_t> OomWatch::take_v2() {
  TRY(sys::drain_modifications(signal_));
  const std::uint64_t kills = TRY(kills_counted(files_));
  const std::uint64_t before = std::exchange(kills_, std::max(kills, kills_));
  return kills_ - before;
}

}  // namespace brig
