#include "linux/cgroup/update/apply.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "linux/cgroup/controllers.h"
#include "linux/cgroup/files.h"
#include "linux/cgroup/parse.h"
#include "linux/cgroup/update/previous.h"
#include "sys/file.h"

namespace brig {

namespace {

struct Usage {
  std::string_view limit, usage;
};
constexpr std::array<Usage, 4> kUsages = {{
    {"memory.max", "memory.current"},
    {"memory.swap.max", "memory.swap.current"},
    {"memory.limit_in_bytes", "memory.usage_in_bytes"},
    {"memory.memsw.limit_in_bytes", "memory.memsw.usage_in_bytes"},
}};

// Nothing for "max" and "-1".
std::optional<std::uint64_t> bytes_of(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

// Nothing where the kernel does not count it.
Result<std::optional<std::uint64_t>> bytes_in_use(const CgroupWrite& write, const Usage& usage,
                                                  CgroupFiles& files) {
  const Result<std::string> text = files.read(write, std::string(usage.usage));
  if (text) return bytes_of(*text);
  if (text.error().sys_errno() == ENOENT) return std::nullopt;
  return fail(Errc::System, cat(write.json_path, ": ", text.error().message()));
}

// What is in use counts caches, and those can be had back: on v2, since Linux 5.19.
void reclaim(const CgroupWrite& write, std::uint64_t bytes, CgroupFiles& files) {
  if (write.hierarchy != kCgroupV2 || write.file != "memory.max") return;
  CgroupWrite command = write;
  command.file = "memory.reclaim";
  command.value = cat(bytes);
  ignore(files.write(command), "how much it got back is looked at afterwards");
}

Result<> check_usage(const CgroupWrite& write, const Usage& usage, CgroupFiles& files) {
  const std::optional<std::uint64_t> limit = bytes_of(write.value);
  if (!limit) return {};
  std::optional<std::uint64_t> used = TRY(bytes_in_use(write, usage, files));
  if (used && *used > *limit) {
    reclaim(write, *used - *limit, files);
    used = TRY(bytes_in_use(write, usage, files));
  }
  if (!used || *used <= *limit) return {};
  return fail(Errc::WrongState,
              cat(write.json_path, ": ", *limit, " bytes are less than the ", *used,
                  " bytes in use (", usage.usage, "), which memory.checkBeforeUpdate forbids"));
}

}  // namespace

Result<LiveCgroup> open_live_cgroup(const CgroupPaths& paths) {
  LiveCgroup live;
  live.handles.paths = paths;
  if (paths.v2.empty()) return live;
  const CgroupDir& dir = paths.v2[0];
  live.handles.v2_dir = TRY(sys::open_at(FdRef::cwd(), directory_of(dir), O_PATH | O_DIRECTORY));
  const std::string controllers =
      TRY(sys::read_file_at(FdRef::cwd(), dir.mount + "/cgroup.controllers"));
  live.v2_controllers = words_of(controllers);
  return live;
}

Result<> check_memory_use(const CgroupPlan& plan, const CgroupHandles& handles) {
  CgroupFiles files(plan.paths, handles);
  for (const CgroupWrite& write : plan.writes)
    for (const Usage& usage : kUsages)
      if (write.file == usage.limit) TRY(check_usage(write, usage, files));
  return {};
}

Result<CgroupPlan> plan_way_back(const CgroupPlan& plan, const CgroupHandles& handles) {
  if (handles.v2_dir) TRY(enable_controllers(plan, handles.v2_dir, CgroupParents::Existed));
  CgroupPlan back{.paths = plan.paths, .v2_controllers = plan.v2_controllers};
  CgroupFiles files(plan.paths, handles);
  bool next_swaps = false;
  for (const CgroupWrite& write : plan.writes) {
    CgroupWrite undo = write;
    // The order of a pair turns round with the direction.
    undo.swap_with_next = std::exchange(next_swaps, write.swap_with_next);
    undo.else_next = false;
    undo.may_be_absent = true;
    const Result<std::string> now = files.read(write, write.file);
    if (!now) continue;  // not there, or only ever written to
    undo.value = previous_value(write, *now);
    back.writes.push_back(std::move(undo));
  }
  std::reverse(back.writes.begin(), back.writes.end());
  return back;
}

}  // namespace brig
