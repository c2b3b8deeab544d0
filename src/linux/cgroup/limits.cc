#include <fcntl.h>
#include <sys/resource.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "linux/cgroup/apply.h"
#include "sys/bpf.h"
#include "sys/file.h"
#include "sys/rlimit.h"

namespace brig {

namespace {

// One plan's files. Consecutive writes to one file, such as a list of devices, open it once.
class CgroupFiles {
 public:
  CgroupFiles(const CgroupPlan& plan, const CgroupHandles& handles)
      : plan_(plan), handles_(handles) {}

  Result<> write(const CgroupWrite& write) {
    if (!file_ || write.file != name_ || write.hierarchy != hierarchy_) {
      file_.close();
      file_ = TRY(open_file(write, O_WRONLY));
      name_ = write.file;
      hierarchy_ = write.hierarchy;
    }
    return sys::write_all(file_, write.value);
  }

  Result<std::string> read(const CgroupWrite& beside, const std::string& name) {
    CgroupWrite other = beside;
    other.file = name;
    const Fd file = TRY(open_file(other, O_RDONLY));
    std::string text = TRY(sys::read_all(file, 4096));
    while (text.ends_with('\n')) text.pop_back();
    return text;
  }

  [[nodiscard]] std::string path_of(const CgroupWrite& write) const {
    return cat(directory_of(dir_of(write)), "/", write.file);
  }

 private:
  [[nodiscard]] const CgroupDir& dir_of(const CgroupWrite& write) const {
    if (write.hierarchy == kCgroupV2) return plan_.paths.v2[0];
    return plan_.paths.v1[static_cast<std::size_t>(write.hierarchy)];
  }

  Result<Fd> open_file(const CgroupWrite& write, int flags) {
    if (write.hierarchy == kCgroupV2 && handles_.v2_dir)
      return sys::open_at(handles_.v2_dir, write.file, flags);
    return sys::open_at(FdRef::cwd(), path_of(write), flags);
  }

  const CgroupPlan& plan_;
  const CgroupHandles& handles_;
  Fd file_;
  std::string name_;
  std::int32_t hierarchy_ = kCgroupV2;
};

// A limit below what is in use cannot be reached by v1's reclaim: the numbers say by how much.
std::string usage_note(const CgroupWrite& write, const Error& error, CgroupFiles& files) {
  if (write.file != "memory.limit_in_bytes" || error.sys_errno() != EBUSY) return {};
  const Result<std::string> usage = files.read(write, "memory.usage_in_bytes");
  const Result<std::string> peak = files.read(write, "memory.max_usage_in_bytes");
  if (!usage || !peak) return {};
  return cat(" (current usage: ", *usage, ", peak usage: ", *peak, ")");
}

std::unexpected<Error> write_failed(const CgroupWrite& write, Error error, CgroupFiles& files) {
  error.add_context(cat(write.json_path, ": set ", files.path_of(write), " to ", write.value,
                        usage_note(write, error, files)));
  return std::unexpected(std::move(error));
}

Result<> write_or_explain(const CgroupWrite& write, CgroupFiles& files) {
  Result<> done = files.write(write);
  if (!done) return write_failed(write, std::move(done).error(), files);
  return {};
}

Result<> write_limits(const std::vector<CgroupWrite>& writes, CgroupFiles& files) {
  for (std::size_t i = 0; i < writes.size(); ++i) {
    const CgroupWrite& write = writes[i];
    const bool has_next = i + 1 < writes.size();
    Result<> done = files.write(write);
    if (done) {
      if (write.else_next) ++i;
      continue;
    }
    const int why = done.error().sys_errno();
    if (why == ENOENT && (write.may_be_absent || write.else_next)) continue;
    if (why != EINVAL || !write.swap_with_next || !has_next)
      return write_failed(write, std::move(done).error(), files);
    TRY(write_or_explain(writes[++i], files));
    TRY(write_or_explain(write, files));
  }
  return {};
}

// Before Linux 5.11 programs were charged to RLIMIT_MEMLOCK, and none left of it is EPERM. The
// limit is only raised where that may help, and put back: the container would inherit it.
Result<Fd> load_device_program(const std::vector<std::uint64_t>& program) {
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

Result<> apply_device_program(const CgroupPlan& plan, const CgroupHandles& handles) {
  const Fd program = TRY(load_device_program(plan.device_program));
  return sys::attach_device_program(handles.v2_dir, program);
}

}  // namespace

Result<> apply_cgroup_limits(const CgroupPlan& plan, const CgroupHandles& handles) {
  CgroupFiles files(plan, handles);
  TRY(write_limits(plan.writes, files));
  if (!plan.device_program.empty())
    TRY_DOING(apply_device_program(plan, handles), "linux.resources.devices");
  return {};
}

}  // namespace brig
