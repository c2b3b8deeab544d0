// Mounts and hooks.
#include <algorithm>

#include "spec/validate_sections.h"

namespace brig::spec {
namespace {

bool has_option(const Mount& mount, std::string_view option) {
  return mount.options && std::ranges::find(*mount.options, option) != mount.options->end();
}

void validate_mount(const Mount& mount, const Place& here) {
  const bool bind = mount.type == "bind" || has_option(mount, "bind") || has_option(mount, "rbind");
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
  for (std::size_t i = 0; i < spec.mounts.size(); ++i) validate_mount(spec.mounts[i], here.at(i));
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
