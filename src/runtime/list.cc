#include "container/id.h"
#include "runtime/container.h"
#include "runtime/runtime.h"
#include "sys/file.h"

namespace brig::runtime {

namespace {

constexpr std::size_t kMaxPasswd = std::size_t{1} << 20;

// From the host's /etc/passwd; not by getpwuid(3), which would load nsswitch modules.
std::string user_name(std::uint32_t uid) {
  const Result<std::string> passwd = sys::read_file_at(FdRef::cwd(), "/etc/passwd", kMaxPasswd);
  std::string number = cat(uid);
  std::string_view rest = passwd ? std::string_view(*passwd) : std::string_view();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t name_end = line.find(':');
    const std::size_t uid_begin = line.find(':', name_end + 1);
    if (name_end == std::string_view::npos || uid_begin == std::string_view::npos) continue;
    const std::string_view field = line.substr(uid_begin + 1);
    if (field.substr(0, field.find(':')) == number) return std::string(line.substr(0, name_end));
  }
  return number;
}

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
