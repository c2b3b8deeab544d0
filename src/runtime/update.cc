#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "container/id.h"
#include "linux/cgroup/devices/apply.h"
#include "linux/cgroup/systemd/manager.h"
#include "linux/cgroup/update/apply.h"
#include "linux/cgroup/update/plan.h"
#include "linux/resctrl/apply.h"
#include "runtime/container.h"
#include "runtime/facts.h"
#include "runtime/runtime.h"
#include "runtime/saved_resources.h"
#include "runtime/undo.h"
#include "spec/update.h"

namespace brig::runtime {

namespace {

Result<spec::ResourceUpdate> requested(const Settings& settings, const UpdateOptions& options) {
  if (options.document.empty()) return spec::ResourceUpdate{.changes = options.changes};
  std::vector<std::string> warnings;
  spec::ResourceUpdate update =
      TRY(spec::load_update({.name = options.document_name, .bytes = options.document}, warnings));
  for (const std::string& warning : warnings) settings.log(LogLevel::Warning, warning);
  return update;
}

Result<> replace_devices(const CgroupDevicePlan& wanted, const CgroupDevicePlan& before,
                         const LiveCgroup& cgroup, UndoStack& undo) {
  if (!wanted.program.empty()) {
    const FdRef dir = cgroup.handles.v2_dir;
    ReplacedProgram replaced =
        TRY_DOING(replace_device_rules(wanted.program, dir), "linux.resources.devices");
    undo.push("the device rules of before",
              [dir, replaced = std::move(replaced)] { return undo_replaced_rules(replaced, dir); });
    return {};
  }
  const CgroupPaths& paths = cgroup.handles.paths;
  // Before the first write: the kernel may refuse the last of many.
  undo.push("the device rules of before",
            [&paths, writes = before.writes] { return replace_v1_device_rules(writes, paths); });
  return replace_v1_device_rules(wanted.writes, paths);
}

struct Change {
  std::optional<SystemdUnit> unit;
  spec::Resources before, after, writes;
  bool replaces_devices = false;
};

Result<> change_unit(const Change& change, CgroupMode mode, UndoStack& undo) {
  const std::vector<SystemdProperty> properties = TRY(plan_systemd_properties(change.writes, mode));
  if (properties.empty()) return {};
  std::vector<SystemdProperty> before = TRY(plan_systemd_properties(change.before, mode));
  undo.push("the unit's properties of before", [&change, before = std::move(before)] {
    return update_systemd_unit(*change.unit, before);
  });
  return update_systemd_unit(*change.unit, properties);
}

// What the kernel is to hold; everything that can be refused is refused before the first effect.
Result<> apply_change(const Settings& settings, const Change& change, const LiveCgroup& cgroup,
                      UndoStack& undo) {
  const CgroupUpdateRequest request{.paths = cgroup.handles.paths,
                                    .v2_controllers = cgroup.v2_controllers,
                                    .replaces_devices = change.replaces_devices,
                                    .root = is_host_root()};
  const CgroupUpdatePlan plan = TRY(plan_cgroup_update(change.writes, request));
  for (const std::string& note : plan.limits.notes) settings.log(LogLevel::Warning, note);
  if (change.after.memory && change.after.memory->check_before_update.value_or(false))
    TRY(check_memory_use(plan.limits, cgroup.handles));

  CgroupPlan back = TRY(plan_way_back(plan.limits, cgroup.handles));
  undo.push("the limits of before", [&cgroup, back = std::move(back)] {
    return apply_cgroup_limits(back, cgroup.handles);
  });
  if (change.unit) TRY(change_unit(change, request.paths.mode, undo));
  // After systemd, which rounds some values.
  TRY(apply_cgroup_limits(plan.limits, cgroup.handles));
  if (!plan.devices) return {};
  const Result<CgroupUpdatePlan> before =
      plan_cgroup_update({.devices = change.before.devices}, request);
  return replace_devices(*plan.devices,
                         before && before->devices ? *before->devices : CgroupDevicePlan{}, cgroup,
                         undo);
}

Result<> change_schemata(const Container& container, const UpdateOptions& options,
                         UndoStack& undo) {
  const std::vector<std::string> schemata = plan_schemata(
      {.l3_cache_schema = options.l3_cache_schema, .mem_bw_schema = options.mem_bw_schema});
  if (schemata.empty()) return {};
  if (!container.record.resctrl)
    return fail(Errc::WrongState, "the container has no group of resctrl");
  const ResctrlGroup& group = *container.record.resctrl;
  Fd resctrl = TRY(open_resctrl());
  const FdRef dir = resctrl;
  std::string before = TRY(read_schemata(dir, group));
  undo.push("the schemata of before",
            [&group, resctrl = std::move(resctrl), before = std::move(before)] {
              return write_schemata(resctrl, group, before);
            });
  return write_schemata(dir, group, text_of(schemata));
}

Result<> change_container(const Settings& settings, const Container& container,
                          const UpdateOptions& options, const spec::ResourceUpdate& update) {
  const std::string config = TRY(container.dir.read_file(kConfigFile));
  Change change{.unit = container.record.unit, .replaces_devices = update.replaces_devices};
  change.before = TRY(saved_resources(config));
  change.after = TRY(spec::merge_resources(change.before, update));
  change.writes = spec::resources_to_write(update, change.after);
  const std::string changed = TRY(with_resources(config, change.after));

  const LiveCgroup cgroup = TRY(open_live_cgroup(container.record.cgroup));
  UndoStack undo;
  Result<> done = change_schemata(container, options, undo);
  if (done) done = apply_change(settings, change, cgroup, undo);
  if (done) done = container.dir.replace_file(kConfigFile, changed);
  if (done) {
    undo.disarm();
    return done;
  }
  const std::string failures = undo.run();
  if (failures.empty()) return done;
  return fail(done.error().code(), done.error().message() + failures);
}

}  // namespace

Result<> update(const Settings& settings, const UpdateOptions& options) {
  TRY(validate_id(options.id));
  const spec::ResourceUpdate update = TRY(requested(settings, options));
  // Two updates at once: the second starts from what the first has left.
  const Container container = TRY(Container::open_locked(settings, options.id));
  TRY(check_has_process(container));
  return change_container(settings, container, options, update);
}

}  // namespace brig::runtime
