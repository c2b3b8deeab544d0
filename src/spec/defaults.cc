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

void add_user_namespace(Linux& section, const OwnIds& own_ids, Findings& notes) {
  if (find_namespace(section, "user") == nullptr) {
    section.namespaces.push_back({.type = "user", .path = {}});
    const Place root(notes);
    const Place section_place = root.at("linux");
    section_place.at("namespaces").warn("no user namespace; using one whose root is you");
  }
  if (!creates_namespace(section, "user")) return;
  if (section.uid_mappings.empty() && section.gid_mappings.empty()) {
    section.uid_mappings = own_ids.uids;
    section.gid_mappings = own_ids.gids;
  }
}

// A gid= that brig's own default configuration has, and that nobody could have known not to map.
void drop_unmapped_tty_group(const Linux& section, Mount& mount) {
  if (mount.type != "devpts" || !mount.options || can_use_tty_group(section)) return;
  std::erase(*mount.options, "gid=5");
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

void apply_defaults(Spec& spec, const OwnIds* own_ids, Findings& notes) {
  add_namespaces(spec, notes);
  const bool maps_itself = !spec.linux_->gid_mappings.empty();
  if (own_ids != nullptr) add_user_namespace(*spec.linux_, *own_ids, notes);
  if (own_ids != nullptr && !maps_itself)
    for (Mount& mount : spec.mounts) drop_unmapped_tty_group(*spec.linux_, mount);
  for (Mount& mount : spec.mounts) add_mount_options(*spec.linux_, mount);
}

}  // namespace brig::spec
