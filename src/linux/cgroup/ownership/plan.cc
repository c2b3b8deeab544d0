#include "linux/cgroup/ownership/plan.h"

#include <algorithm>

#include "base/host_paths.h"
#include "linux/container_path.h"
#include "spec/types.h"

namespace brig {

namespace {

const spec::Namespace* find_namespace(const spec::Linux& config, std::string_view type) {
  const auto found = std::ranges::find(config.namespaces, type, &spec::Namespace::type);
  return found == config.namespaces.end() ? nullptr : &*found;
}

bool is_read_only(const spec::Mount& mount) {
  bool read_only = false;
  if (!mount.options) return read_only;
  for (const std::string& option : *mount.options) {
    if (option == "ro" || option == "rro") read_only = true;
    if (option == "rw") read_only = false;
  }
  return read_only;
}

// The last mount at a place is the one that is seen.
bool mounts_cgroup_for_writing(const spec::Spec& spec) {
  bool writable = false;
  for (const spec::Mount& mount : spec.mounts)
    if (clean_path(mount.destination) == host_paths::kCgroup)
      writable = mount.type.starts_with("cgroup") && !is_read_only(mount);
  return writable;
}

std::optional<uid_t> host_uid(const spec::Linux& config, std::uint32_t uid) {
  const spec::Namespace* user = find_namespace(config, "user");
  if (user == nullptr) return uid;
  // A joined namespace has the maps of whoever made it: we do not know them.
  if (!user->path.empty()) return std::nullopt;
  for (const spec::IdMapping& map : config.uid_mappings)
    if (uid >= map.container_id && uid - map.container_id < map.size)
      return map.host_id + (uid - map.container_id);
  return std::nullopt;
}

}  // namespace

std::optional<uid_t> plan_cgroup_owner(const spec::Spec& spec, CgroupMode mode) {
  if (mode != CgroupMode::V2 || !spec.linux_ || !spec.process) return std::nullopt;
  const spec::Namespace* cgroup = find_namespace(*spec.linux_, "cgroup");
  if (cgroup == nullptr || !cgroup->path.empty()) return std::nullopt;
  if (!mounts_cgroup_for_writing(spec)) return std::nullopt;
  const std::optional<uid_t> owner = host_uid(*spec.linux_, spec.process->user.uid);
  // Root, of the host or of the namespace that we are in, has made it.
  return owner == uid_t{0} ? std::nullopt : owner;
}

}  // namespace brig
