#include "linux/cgroup/update/plan.h"

#include <string_view>
#include <utility>

#include "linux/cgroup/places.h"
#include "linux/cgroup/resources/plan.h"
#include "spec/types.h"

namespace brig {

namespace {

// Linux 5.16 took it out of v1 as well and left the file; its TCP part still works there.
void note_kernel_memory(const spec::Resources& resources, std::vector<std::string>& notes) {
  if (resources.memory && resources.memory->kernel.value_or(0) != 0)
    notes.emplace_back("linux.resources.memory.kernel: since Linux 5.16 this limit is not kept");
}

void forget_kernel_memory(spec::Resources& resources, std::vector<std::string>& notes) {
  if (!resources.memory) return;
  const auto forget = [&](std::optional<std::int64_t>& size, std::string_view name) {
    if (size.value_or(0) != 0)
      notes.push_back(
          cat("linux.resources.memory.", name, ": ignored: only cgroup v1 has a limit for it"));
    size.reset();
  };
  forget(resources.memory->kernel, "kernel");
  forget(resources.memory->kernel_tcp, "kernelTCP");
}

Result<CgroupDevicePlan> plan_devices(const spec::Resources& resources,
                                      const CgroupPlaces& places) {
  CgroupDevicePlan devices = TRY(plan_device_update(resources, places));
  if (devices.program.empty() && devices.writes.empty())
    return fail(Errc::Unsupported, cat("linux.resources.devices: ", places.why_none));
  return devices;
}

}  // namespace

Result<CgroupUpdatePlan> plan_cgroup_update(const spec::Resources& resources,
                                            const CgroupUpdateRequest& request) {
  CgroupUpdatePlan plan;
  plan.limits.paths = request.paths;
  plan.limits.v2_controllers = request.v2_controllers;
  CgroupPlaces places{
      .paths = plan.limits.paths, .v2_controllers = plan.limits.v2_controllers, .why_none = {}};
  if (request.paths.mode == CgroupMode::None) places.why_none = "the container has no cgroup";

  spec::Resources wanted = resources;
  const std::optional<std::int32_t> memory = places.place_of("memory");
  if (memory && *memory != kCgroupV2)
    note_kernel_memory(wanted, plan.limits.notes);
  else
    forget_kernel_memory(wanted, plan.limits.notes);
  plan.limits.writes = TRY(plan_cgroup_limits(wanted, places));
  for (CgroupWrite& write : plan.limits.writes)
    write.may_be_absent |= write.file.starts_with("memory.kmem.");
  if (!request.replaces_devices) return plan;
  if (request.root)
    plan.devices = TRY(plan_devices(wanted, places));
  else
    plan.limits.notes.emplace_back(
        "linux.resources.devices: not enforced: that takes privilege on the host");
  return plan;
}

}  // namespace brig
