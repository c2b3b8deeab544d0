#include "container/id.h"
#include "linux/cgroup/control.h"
#include "runtime/container.h"
#include "runtime/runtime.h"

namespace brig::runtime {

Result<std::vector<pid_t>> processes(const Settings& settings, const std::string& id) {
  TRY(validate_id(id));
  const Container container = TRY(Container::open(settings, id));
  const CgroupPaths& cgroup = container.record.cgroup;
  if (cgroup.mode == CgroupMode::None)
    return fail(Errc::Unsupported, "the container has no cgroup that would tell its processes");
  return cgroup_processes(cgroup);
}

}  // namespace brig::runtime
