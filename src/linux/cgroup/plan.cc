#include "linux/cgroup/plan.h"

#include <utility>

#include "linux/cgroup/devices/plan.h"
#include "linux/cgroup/ownership/plan.h"
#include "linux/cgroup/places.h"
#include "linux/cgroup/resources/plan.h"
#include "spec/types.h"

namespace brig {

namespace {

const spec::Linux& linux_of(const spec::Spec& spec) {
  static const spec::Linux none;
  return spec.linux_ ? *spec.linux_ : none;
}

std::vector<CgroupDir> read_only_in(const CgroupFacts& facts) {
  std::vector<CgroupDir> found;
  for (const CgroupHierarchy& hierarchy : facts.v1)
    if (hierarchy.read_only)
      found.push_back({.mount = hierarchy.mount, .controllers = join(hierarchy.controllers, ",")});
  for (const CgroupV2Tree& tree : facts.v2)
    if (tree.read_only) found.push_back({.mount = tree.mount});
  return found;
}

std::string why_no_cgroup(const CgroupFacts& facts, const CgroupRequest& request) {
  if (request.disabled) return "cgroups are disabled (--cgroup-manager=disabled)";
  if (facts.mode == CgroupMode::None) return "no cgroup filesystem is mounted on this host";
  const std::vector<CgroupDir> read_only = read_only_in(facts);
  if (!read_only.empty()) return cat(read_only[0].mount, " is mounted read-only");
  return "no cgroup has been delegated to this user";
}

void note_what_is_missing(const CgroupPlaces& places, std::vector<std::string>& notes) {
  constexpr char kNoCgroup[] = "linux.cgroupsPath: the container has no cgroup";
  if (!places.why_none.empty())
    notes.push_back(cat(kNoCgroup, " of its own: ", places.why_none));
  else
    for (const CgroupDir& dir : places.read_only)
      notes.push_back(cat(kNoCgroup, " in ", dir.mount, ", which is mounted read-only"));
}

// What cannot be enforced without privilege need not be: such a container can neither make
// device nodes nor open any that its user could not open anyway.
bool restricts_devices(const CgroupRequest& request) {
  return request.root && !request.disabled;
}

Result<> add_devices(const spec::Linux& config, const CgroupPlaces& places,
                     const CgroupRequest& request, CgroupPlan& plan) {
  CgroupDevicePlan devices = TRY(plan_cgroup_devices(config.resources, places));
  if (devices.rules.empty()) return {};
  if (!restricts_devices(request)) {
    plan.notes.emplace_back(
        cat("linux.resources.devices: not enforced: ",
            request.disabled ? "cgroups are disabled" : "that takes privilege on the host"));
    return {};
  }
  if (devices.program.empty() && devices.writes.empty())
    return fail(Errc::Unsupported,
                cat("linux.resources.devices: ",
                    places.why_none.empty() ? "this host has neither a cgroup v1 devices hierarchy "
                                              "nor cgroup v2"
                                            : places.why_none));
  plan.device_rules = std::move(devices.rules);
  plan.device_program = std::move(devices.program);
  for (CgroupWrite& write : devices.writes) plan.writes.push_back(std::move(write));
  return {};
}

}  // namespace

CgroupNeeds plan_cgroup_needs(const spec::Spec& spec, const CgroupRequest& request) {
  const spec::Linux& config = linux_of(spec);
  if (request.disabled) return {};
  const std::string& path = config.cgroups_path;
  const bool relative = !request.systemd && !path.empty() && !path.starts_with('/');
  return {.own_path = relative || !request.root,
          .v2_controllers = !path.empty() || has_cgroup_limits(config.resources)};
}

Result<CgroupPlan> plan_cgroup(const spec::Spec& spec, const CgroupFacts& facts,
                               const CgroupRequest& request) {
  const spec::Linux& config = linux_of(spec);
  CgroupPlan plan;
  plan.paths = TRY(plan_cgroup_paths(config.cgroups_path, facts, request));
  plan.by_systemd = request.systemd;
  plan.optional = !request.root && !request.systemd;
  plan.wants_all_controllers = !config.cgroups_path.empty();
  if (!facts.v2.empty()) plan.v2_controllers = facts.v2[0].controllers;

  CgroupPlaces places{.paths = plan.paths, .v2_controllers = plan.v2_controllers, .why_none = {}};
  places.read_only = read_only_in(facts);
  if (plan.paths.mode == CgroupMode::None) places.why_none = why_no_cgroup(facts, request);
  if (!request.disabled) note_what_is_missing(places, plan.notes);
  plan.writes = TRY(plan_cgroup_limits(config.resources, places));
  TRY(add_devices(config, places, request, plan));
  plan.owner = plan_cgroup_owner(spec, plan.paths.mode);
  return plan;
}

}  // namespace brig
