#include "container/id.h"
#include "runtime/container.h"
#include "runtime/runtime.h"
#include "runtime/user_name.h"

namespace brig::runtime {

namespace {

Result<ContainerState> describe_state(const Container& container) {
  const Record& record = container.record;
  const Status status = TRY(status_of(container));
  const bool has_process = status != Status::Stopped;
  return ContainerState{.oci_version = record.oci_version,
                        .id = record.id,
                        .status = status,
                        .pid = has_process ? record.pid : 0,
                        .bundle = record.bundle,
                        .rootfs = record.rootfs,
                        .created = record.created,
                        .owner = user_name(record.owner),
                        .annotations = record.annotations,
                        .systemd_scope = record.unit ? record.unit->name : std::string()};
}

}  // namespace

Result<ContainerState> state(const Settings& settings, const std::string& id) {
  TRY(validate_id(id));
  const Container container = TRY(Container::open(settings, id));
  return describe_state(container);
}

Result<std::vector<std::string>> list_ids(const Settings& settings) {
  const Store store = TRY(Store::open(settings.root));
  return store.ids();
}

Result<std::vector<ContainerState>> list(const Settings& settings) {
  const std::vector<std::string> ids = TRY(list_ids(settings));
  std::vector<ContainerState> states;
  for (const std::string& id : ids) {
    Result<ContainerState> state = runtime::state(settings, id);
    if (state)
      states.push_back(std::move(*state));
    else
      settings.log(LogLevel::Warning, cat("container ", id, ": ", state.error().message()));
  }
  return states;
}

}  // namespace brig::runtime
