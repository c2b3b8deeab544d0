#include "spec/defaults.h"

#include <algorithm>

#include "spec/default_spec_mounts.h"
#include "spec/namespaces.h"

namespace brig::spec {
namespace {

constexpr std::uint32_t kTtyGroup = 5;  // of devpts: gid=5

// devpts refuses a gid= that its user namespace does not map.
bool can_use_tty_group(const Linux& section) {
  if (find_namespace(section, "user") == nullptr) return true;
  return std::ranges::any_of(section.gid_mappings, [](const IdMapping& mapping) {
    return mapping.container_id <= kTtyGroup && kTtyGroup - mapping.container_id < mapping.size;
  });
}

void add_namespaces(Spec& spec, Findings& notes) {
  if (spec.linux_) return;
  spec.linux_.emplace();
  for (const char* type : {"pid", "mount", "uts", "ipc"})
    spec.linux_->namespaces.push_back({.type = type, .path = {}});
  const Place root(notes);
  root.at("linux").warn("missing; using new pid, mount, uts and ipc namespaces");
}

void add_mount_options(const Linux& section, Mount& mount) {
  if (mount.options) return;
  for (const DefaultMountOptions& known : default_mount_options()) {
    if (mount.destination != known.destination || mount.type != known.type) continue;
    mount.options.emplace(known.options.begin(), known.options.end());
    if (!can_use_tty_group(section)) std::erase(*mount.options, "gid=5");
  }
}

}  // namespace

void apply_defaults(Spec& spec, Findings& notes) {
  add_namespaces(spec, notes);
  for (Mount& mount : spec.mounts) add_mount_options(*spec.linux_, mount);
}

}  // namespace brig::spec
