#include "runtime/unit.h"

#include <cerrno>
#include <utility>
#include <variant>

#include "linux/cgroup/apply.h"
#include "runtime/launch.h"
#include "sys/process.h"

namespace brig::runtime {

namespace {

constexpr char kWho[] = "the systemd cgroup manager";
// For a systemd that has not answered in time before.
constexpr std::int64_t kSilentMs = 1000;

std::string run_dir_of(const Settings& settings, const CgroupRequest& request) {
  return request.root ? std::string(kSystemRunDir) : settings.runtime_dir;
}

// A user's systemd: its cgroup is above ours if we were started by it, else it has to be asked.
Result<ChosenUnit> choose_users_unit(const std::string& cgroups_path, const CgroupV2Tree& tree,
                                     SystemdUnitRequest request) {
  request.manager_cgroup = user_manager_cgroup(tree.own_path);
  const bool inside = !request.manager_cgroup.empty();
  SystemdManager manager = TRY_DOING(SystemdManager::connect(request.run_dir), kWho);
  if (!inside) request.manager_cgroup = TRY(manager.control_group());
  UnitChoice choice{.may_be_born_there = inside && !tree.delegated.empty()};
  choice.unit = TRY(plan_systemd_unit(cgroups_path, request));
  return ChosenUnit{.choice = std::move(choice), .pending = {.manager = std::move(manager)}};
}

Result<ChosenUnit> choose_systems_unit(const std::string& cgroups_path,
                                       const SystemdUnitRequest& request) {
  UnitChoice choice;
  choice.unit = TRY(plan_systemd_unit(cgroups_path, request));
  SystemdManager manager = TRY_DOING(SystemdManager::connect(request.run_dir), kWho);
  return ChosenUnit{.choice = std::move(choice), .pending = {.manager = std::move(manager)}};
}

// Without its process systemd cannot make the unit; why it has ended init may have said.
Error reason(Launch& launch, Error error) {
  ParentChannel& channel = launch.process.channel;
  const Result<std::vector<bool>> said = sys::wait_readable({channel.socket()}, 0);
  if (!said || !(*said)[0]) return error;
  const Result<std::optional<FromInit>> message = channel.receive();
  if (!message || !*message) return error;
  const auto* failed = std::get_if<Failed>(&**message);
  return failed == nullptr ? std::move(error)
                           : Error::relayed(failed->code, failed->err, failed->text);
}

Result<> complete(Launch& launch) {
  TRY(launch.unit->manager.await_start());
  TRY(complete_managed_cgroup(launch.plan.cgroup, launch.cgroup));
  return fill_cgroup(launch);
}

}  // namespace

Result<ChosenUnit> choose_unit(const Settings& settings, const std::string& cgroups_path,
                               const CgroupFacts& facts, CgroupRequest& request) {
  if (facts.mode == CgroupMode::None)
    return fail(Errc::Unsupported, cat(kWho, ": no cgroup filesystem is mounted on this host"));
  if (!request.root && facts.mode != CgroupMode::V2)
    return fail(Errc::Unsupported, cat(kWho, ": without root it takes cgroup v2"));
  if (!request.root && settings.runtime_dir.empty())
    return fail(Errc::Unsupported, cat(kWho,
                                       ": XDG_RUNTIME_DIR is not set, so that the user's "
                                       "systemd cannot be found"));
  SystemdUnitRequest unit{.id = request.id, .run_dir = run_dir_of(settings, request)};
  ChosenUnit chosen =
      TRY(request.root ? choose_systems_unit(cgroups_path, unit)
                       : choose_users_unit(cgroups_path, facts.v2[0], std::move(unit)));
  request.unit_cgroup = chosen.choice.unit.cgroup;
  return chosen;
}

Result<> begin_unit(Launch& launch) {
  const InitPlan& init = launch.plan.init;
  if (init.awaits_cgroup || passes_its_place_on(init.namespaces)) return {};
  TRY(request_unit(launch));
  return await_unit(launch);
}

Result<> request_unit(Launch& launch) {
  if (!launch.unit || launch.unit->requested) return {};
  TRY(launch.unit->manager.request_start(*launch.plan.systemd, launch.process.child.pid));
  launch.unit->requested = true;
  return {};
}

Result<> await_unit(Launch& launch) {
  if (!launch.unit || launch.unit->ready) return {};
  PendingUnit& unit = *launch.unit;
  Result<> done = complete(launch);
  unit.ready = done.has_value();
  if (done) return {};
  // Somebody else's: not ours to stop.
  if (done.error().code() == Errc::Exists) unit.requested = false;
  unit.silent = done.error().sys_errno() == ETIMEDOUT;
  return std::unexpected(reason(launch, std::move(done).error()));
}

Result<> withdraw_unit(Launch& launch) {
  const SystemdUnit& unit = launch.plan.systemd->unit;
  // Its own connection: what it was asked before is done before it is asked this.
  if (!launch.unit) return stop_systemd_unit(unit);
  if (!launch.unit->requested) return {};
  if (!launch.unit->silent) return launch.unit->manager.stop(unit);
  return launch.unit->manager.stop(unit, kSilentMs);
}

std::optional<SystemdUnit> derive_unit(const Settings& settings, std::string_view cgroups_path,
                                       const CgroupFacts& facts, const CgroupRequest& request) {
  SystemdUnitRequest wanted{.id = request.id, .run_dir = run_dir_of(settings, request)};
  if (!request.root && !facts.v2.empty())
    wanted.manager_cgroup = user_manager_cgroup(facts.v2[0].own_path);
  Result<SystemdUnit> unit = plan_systemd_unit(cgroups_path, wanted);
  if (!unit || (!request.systemd && !is_systemd_unit_loaded(*unit))) return std::nullopt;
  return std::move(*unit);
}

Result<> remove_unit(const Record& record) {
  if (!record.unit || !is_systemd_unit_loaded(*record.unit)) return {};
  return stop_systemd_unit(*record.unit);
}

}  // namespace brig::runtime
