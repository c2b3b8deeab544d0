#include <cerrno>
#include <string>
#include <utility>

#include "linux/cgroup/apply.h"
#include "linux/cgroup/devices/apply.h"
#include "linux/cgroup/files.h"

namespace brig {

namespace {

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
    if (why == EOPNOTSUPP && write.may_be_absent) continue;  // a file that is only a memory
    if (why != EINVAL || !write.swap_with_next || !has_next)
      return write_failed(write, std::move(done).error(), files);
    TRY(write_or_explain(writes[++i], files));
    TRY(write_or_explain(write, files));
  }
  return {};
}

}  // namespace

Result<> apply_cgroup_limits(const CgroupPlan& plan, const CgroupHandles& handles) {
  CgroupFiles files(plan.paths, handles);
  TRY(write_limits(plan.writes, files));
  if (!plan.device_program.empty())
    TRY_DOING(attach_device_rules(plan.device_program, handles.v2_dir), "linux.resources.devices");
  return {};
}

}  // namespace brig
