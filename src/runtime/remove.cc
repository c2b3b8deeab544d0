#include <optional>

#include "base/json.h"
#include "container/id.h"
#include "linux/cgroup/control.h"
#include "linux/cgroup/paths.h"
#include "runtime/container.h"
#include "runtime/facts.h"
#include "runtime/runtime.h"
#include "runtime/unit.h"
#include "spec/parse.h"
#include "sys/process.h"

namespace brig::runtime {

namespace {

// What the saved configuration says of the cgroup; empty when it cannot be read either.
std::string saved_cgroups_path(const ContainerDir& dir) {
  const Result<std::string> config = dir.read_file(kConfigFile);
  if (!config) return {};
  const Result<json::Node> root = json::parse(*config);
  if (!root) return {};
  spec::Findings findings;
  const spec::Spec spec = spec::parse_spec(*root, findings);
  return spec.linux_ ? spec.linux_->cgroups_path : std::string();
}

std::optional<Record> saved_intent(const ContainerDir& dir) {
  const Result<std::string> text = dir.read_file(kIntentFile);
  if (!text) return std::nullopt;
  Result<Record> intent = parse_record(*text);
  return intent ? std::optional(std::move(*intent)) : std::nullopt;
}

// state.json is missing or damaged: the container's cgroup is in the record of the intent, or
// follows from the configuration that was saved beside it, or from the id alone; and everything of
// the container is inside it.
Result<Record> derive_record(const Settings& settings, const ContainerDir& dir) {
  if (std::optional<Record> intent = saved_intent(dir))
    return Record{.id = dir.id(),
                  .cgroup = std::move(intent->cgroup),
                  .unit = std::move(intent->unit),
                  .complete = true};
  const CgroupFacts facts = TRY(probe_cgroup_facts({.own_path = true}));
  CgroupRequest request{.id = dir.id(),
                        .disabled = settings.cgroup_manager == CgroupManager::Disabled,
                        .root = is_host_root(),
                        .systemd = settings.cgroup_manager == CgroupManager::Systemd};
  Record record{.id = dir.id(), .complete = true};
  const std::string path = saved_cgroups_path(dir);
  record.unit = derive_unit(settings, path, facts, request);
  request.systemd = record.unit.has_value();
  if (record.unit) request.unit_cgroup = record.unit->cgroup;
  record.cgroup = TRY(plan_cgroup_paths(path, facts, request));
  return record;
}

Result<Container> open_for_removal(const Settings& settings, const std::string& id) {
  Store store = TRY(Store::open(settings.root));
  ContainerDir dir = TRY(store.find(id));
  TRY(dir.lock());
  const Result<std::string> text = dir.read_file(kStateFile);
  Result<Record> record = text ? parse_record(*text) : Record{};
  if (!text || !record) {
    settings.log(LogLevel::Warning, cat("container ", id,
                                        " has a damaged state: removing what "
                                        "follows from its configuration and its id"));
    record = TRY(derive_record(settings, dir));
  }
  return Container{.store = std::move(store), .dir = std::move(dir), .record = std::move(*record)};
}

Result<> remove_by_force(const Settings& settings, const std::string& id) {
  Result<Container> container = open_for_removal(settings, id);
  if (!container && container.error().code() == Errc::NotFound) return {};
  if (!container) return std::unexpected(std::move(container.error()));
  return destroy(settings, *container);
}

}  // namespace

Result<> remove(const Settings& settings, const DeleteOptions& options) {
  TRY(validate_id(options.id));
  if (options.force) return remove_by_force(settings, options.id);
  const Container container = TRY(Container::open_locked(settings, options.id));
  const Status status = TRY(status_of(container));
  // A container that was created and never started may be deleted too: containerd relies on it.
  if (status != Status::Stopped && status != Status::Created)
    return fail(Errc::WrongState, cat("cannot delete container ", options.id,
                                      " that is not stopped: ", name_of(status)));
  return destroy(settings, container);
}

}  // namespace brig::runtime
