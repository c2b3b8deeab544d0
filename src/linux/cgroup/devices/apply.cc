#include "linux/cgroup/devices/apply.h"

#include <sys/resource.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "linux/cgroup/apply.h"
#include "linux/cgroup/control.h"
#include "linux/cgroup/devices/changes.h"
#include "linux/cgroup/files.h"
#include "sys/bpf.h"
#include "sys/process.h"
#include "sys/rlimit.h"

namespace brig {

namespace {

constexpr std::int64_t kStandStillMs = 2'000;

// Before Linux 5.11 programs were charged to RLIMIT_MEMLOCK, and none left of it is EPERM. The
// limit is only raised where that may help, and put back: the container would inherit it.
Result<Fd> load_program(const std::vector<std::uint64_t>& program) {
  Result<Fd> loaded = sys::load_device_program(program);
  if (loaded || loaded.error().sys_errno() != EPERM) return loaded;
  const Result<sys::Rlimit> before = sys::get_rlimit(0, RLIMIT_MEMLOCK);
  if (!before) return loaded;
  const sys::Rlimit unlimited{.soft = RLIM_INFINITY, .hard = RLIM_INFINITY};
  if (!sys::set_rlimit(0, RLIMIT_MEMLOCK, unlimited)) return loaded;
  loaded = sys::load_device_program(program);
  TRY_DOING(sys::set_rlimit(0, RLIMIT_MEMLOCK, *before), "put RLIMIT_MEMLOCK back");
  return loaded;
}

// Ours among those of others, such as systemd's.
Result<Fd> find_attached(FdRef cgroup) {
  const std::vector<std::uint32_t> ids = TRY(sys::attached_device_programs(cgroup));
  for (const std::uint32_t id : ids) {
    Fd program = TRY(sys::device_program_by_id(id));
    const std::string name = TRY(sys::program_name(program));
    if (name == sys::kDeviceProgramName) return program;
  }
  return Fd();
}

Result<> put_in_place_of(FdRef cgroup, FdRef program, FdRef old) {
  if (!old) return sys::attach_device_program(cgroup, program);
  Result<> done = sys::replace_device_program(cgroup, program, old);
  if (done || done.error().sys_errno() != EINVAL) return done;
  // Before Linux 5.6. With both attached a device has to be allowed by both.
  TRY(sys::attach_device_program(cgroup, program));
  return sys::detach_device_program(cgroup, old);
}

// Stops the container for as long as this lives; not when it is paused already.
class StandStill {
 public:
  explicit StandStill(const CgroupPaths& paths) : paths_(paths) {
    const Result<bool> frozen = is_frozen(paths);
    if (!frozen || *frozen) return;
    stopped_ =
        freeze_cgroup(paths, CgroupFreeze::Freeze, sys::monotonic_ms() + kStandStillMs).has_value();
  }
  StandStill(const StandStill&) = delete;
  StandStill& operator=(const StandStill&) = delete;
  ~StandStill() {
    if (stopped_)
      ignore(freeze_cgroup(paths_, CgroupFreeze::Thaw, 0), "it was thawed from here before");
  }

 private:
  const CgroupPaths& paths_;
  bool stopped_ = false;
};

Result<> write_all(const std::vector<CgroupWrite>& writes, CgroupFiles& files) {
  for (const CgroupWrite& write : writes)
    TRY_DOING(files.write(write), write.json_path, ": write '", write.value, "' to ",
              files.path_of(write));
  return {};
}

}  // namespace

Result<> attach_device_rules(const std::vector<std::uint64_t>& program, FdRef cgroup) {
  const Fd loaded = TRY(load_program(program));
  return sys::attach_device_program(cgroup, loaded);
}

Result<ReplacedProgram> replace_device_rules(const std::vector<std::uint64_t>& program,
                                             FdRef cgroup) {
  ReplacedProgram replaced;
  replaced.now = TRY(load_program(program));
  replaced.before = TRY(find_attached(cgroup));
  TRY(put_in_place_of(cgroup, replaced.now, replaced.before));
  return replaced;
}

Result<> undo_replaced_rules(const ReplacedProgram& replaced, FdRef cgroup) {
  if (!replaced.before) return sys::detach_device_program(cgroup, replaced.now);
  return put_in_place_of(cgroup, replaced.before, replaced.now);
}

Result<> replace_v1_device_rules(const std::vector<CgroupWrite>& wanted, const CgroupPaths& paths) {
  if (wanted.empty()) return {};
  const CgroupHandles by_path;
  CgroupFiles files(paths, by_path);
  const std::string list = TRY(files.read(wanted[0], "devices.list"));
  const V1DeviceChanges changes = v1_device_changes(wanted, list);
  std::optional<StandStill> still;
  if (changes.starts_over) still.emplace(paths);
  return write_all(changes.writes, files);
}

}  // namespace brig
