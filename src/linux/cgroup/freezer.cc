#include "linux/cgroup/freezer.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>

#include "linux/cgroup/parse.h"
#include "linux/cgroup/tree.h"
#include "sys/cgroup.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig {

namespace {

bool is_v2(const CgroupDir& dir) {
  return dir.controllers.empty();
}

bool has_freezer(const CgroupDir& dir) {
  if (is_v2(dir)) return true;
  const std::vector<std::string_view> controllers = split(dir.controllers, ',');
  return std::find(controllers.begin(), controllers.end(), "freezer") != controllers.end();
}

// False when the file is not there: before Linux 5.2, or the cgroup is gone.
Result<bool> write_state(FdRef cgroup, const std::string& file, std::string_view state) {
  Result<> done = sys::write_file_at(cgroup, file, state);
  if (done) return true;
  const int why = done.error().sys_errno();
  if (why == ENOENT || why == ENODEV) return false;
  return std::unexpected(std::move(done).error());
}

Result<bool> wait_frozen_v2(FdRef cgroup, std::int64_t deadline_ms) {
  const Fd events = TRY(sys::open_at(cgroup, "cgroup.events", O_RDONLY));
  while (true) {
    const std::optional<std::string> text = TRY(read_cgroup_file(cgroup, "cgroup.events"));
    if (!text || event_value(*text, "frozen") == 1) return true;
    const std::int64_t left = deadline_ms - sys::monotonic_ms();
    if (left <= 0) return false;
    // The interval covers a change between the read and the poll.
    TRY(sys::wait_changed(events, static_cast<int>(std::min<std::int64_t>(left, 10))));
  }
}

// v1 stays at FREEZING for ever when a process was forked or moved in at the wrong moment;
// thawing and freezing again finds it.
Result<bool> wait_frozen_v1(FdRef cgroup, std::int64_t deadline_ms) {
  for (int looks = 1; true; ++looks) {
    const std::optional<std::string> state = TRY(read_cgroup_file(cgroup, "freezer.state"));
    if (!state || state->starts_with("FROZEN")) return true;
    if (sys::monotonic_ms() >= deadline_ms) return false;
    sys::sleep_ms(1);
    if (looks % 25 == 0) TRY(write_state(cgroup, "freezer.state", "THAWED"));
    TRY(write_state(cgroup, "freezer.state", "FROZEN"));
  }
}

}  // namespace

Result<bool> is_frozen(const CgroupDir& dir) {
  if (!has_freezer(dir)) return false;
  const char* file = is_v2(dir) ? "/cgroup.freeze" : "/freezer.state";
  const std::optional<std::string> state =
      TRY(read_cgroup_file(FdRef::cwd(), directory_of(dir) + file));
  if (!state) return false;
  return is_v2(dir) ? state->starts_with('1') : state->starts_with("FR");  // FROZEN, FREEZING
}

Result<bool> request_freeze(const CgroupDir& dir, FdRef cgroup) {
  if (!has_freezer(dir)) return false;
  return is_v2(dir) ? write_state(cgroup, "cgroup.freeze", "1")
                    : write_state(cgroup, "freezer.state", "FROZEN");
}

Result<bool> request_thaw(const CgroupDir& dir, FdRef cgroup) {
  if (!has_freezer(dir)) return false;
  return is_v2(dir) ? write_state(cgroup, "cgroup.freeze", "0")
                    : write_state(cgroup, "freezer.state", "THAWED");
}

Result<bool> wait_frozen(const CgroupDir& dir, FdRef cgroup, std::int64_t deadline_ms) {
  return is_v2(dir) ? wait_frozen_v2(cgroup, deadline_ms) : wait_frozen_v1(cgroup, deadline_ms);
}

}  // namespace brig
