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

std::string why_no_cgroup(const CgroupFacts& facts, const CgroupRequest& request) {
  if (request.disabled) return "cgroups are disabled (--cgroup-manager=disabled)";
  if (facts.mode == CgroupMode::None) return "no cgroup filesystem is mounted on this host";
  return "no cgroup has been delegated to this user";
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
  if (plan.paths.mode == CgroupMode::None) places.why_none = why_no_cgroup(facts, request);
  plan.writes = TRY(plan_cgroup_limits(config.resources, places));
  TRY(add_devices(config, places, request, plan));
  plan.owner = plan_cgroup_owner(spec, plan.paths.mode);
  return plan;
}

}  // namespace brig
