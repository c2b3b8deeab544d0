// Mounts and hooks.
#include <algorithm>

#include "spec/mounts.h"
#include "spec/namespaces.h"
#include "spec/validate.h"
#include "spec/validate_sections.h"

namespace brig::spec {
namespace {

bool is_bind(const Mount& mount) {
  return mount.type == "bind" || has_option(mount, "bind") || has_option(mount, "rbind");
}

// Maps of the mount's own, and where there are none those of the container's user namespace. crun's
// idmap=... brings its own.
void validate_id_option(const Spec& spec, const Mount& mount, std::string_view option,
                        const Place& here) {
  const std::string_view name = option.substr(0, option.find('='));
  if (name != "idmap" && name != "ridmap") return;
  if (!is_bind(mount)) return here.error("ids can be mapped only for a bind mount");
  const bool has_maps = !mount.uid_mappings.empty() || !mount.gid_mappings.empty();
  if (name != option || has_maps || has_own_namespace(spec, "user")) return;
  here.error("needs uidMappings and gidMappings, or a user namespace in linux.namespaces");
}

void validate_mount_ids(const Spec& spec, const Mount& mount, const Place& here) {
  validate_id_ranges(mount.uid_mappings, here.at("uidMappings"));
  validate_id_ranges(mount.gid_mappings, here.at("gidMappings"));
  if (mount.uid_mappings.empty() != mount.gid_mappings.empty())
    here.at(mount.uid_mappings.empty() ? "uidMappings" : "gidMappings")
        .error("missing; uidMappings and gidMappings come together");
  if (!mount.uid_mappings.empty() && !is_bind(mount))
    here.at("uidMappings").error("ids can be mapped only for a bind mount");
  if (!mount.options) return;
  const Place options = here.at("options");
  for (std::size_t i = 0; i < mount.options->size(); ++i)
    validate_id_option(spec, mount, (*mount.options)[i], options.at(i));
}

void validate_mount(const Mount& mount, const Place& here) {
  const bool bind = is_bind(mount);
  if (mount.destination.empty())
    here.at("destination").error("must not be empty");
  else if (!mount.destination.starts_with('/'))
    here.at("destination")
        .warn("relative paths are deprecated; using ", quote("/" + mount.destination));
  if (bind && mount.source.empty()) here.at("source").error("missing; a bind mount needs it");
  if (!bind && mount.type.empty() && !has_option(mount, "remount"))
    here.at("type").error("missing; only a bind mount has none");
}

void validate_hook_list(const std::vector<Hook>& hooks, const Place& here) {
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    const Place place = here.at(i);
    check_absolute(hooks[i].path, place.at("path"));
    if (hooks[i].timeout && *hooks[i].timeout <= 0)
      place.at("timeout").error("must be greater than 0, got ", *hooks[i].timeout);
  }
}

}  // namespace

void validate_mounts(const Spec& spec, const Place& here) {
  if (spec.mounts.empty()) return;
  check_own_namespace(spec, "mount", here);
  for (std::size_t i = 0; i < spec.mounts.size(); ++i) {
    validate_mount(spec.mounts[i], here.at(i));
    validate_mount_ids(spec, spec.mounts[i], here.at(i));
  }
}

void validate_hooks(const Hooks& hooks, const Place& here) {
  validate_hook_list(hooks.prestart, here.at("prestart"));
  validate_hook_list(hooks.create_runtime, here.at("createRuntime"));
  validate_hook_list(hooks.create_container, here.at("createContainer"));
  validate_hook_list(hooks.start_container, here.at("startContainer"));
  validate_hook_list(hooks.poststart, here.at("poststart"));
  validate_hook_list(hooks.poststop, here.at("poststop"));
}

}  // namespace brig::spec
