#include "runtime/stats.h"

#include <utility>

#include "base/host_paths.h"
#include "container/id.h"
#include "runtime/container.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig::runtime {

namespace {

constexpr std::size_t kNetDevLimit = std::size_t{16} << 20;  // a hundred bytes an interface

// In the caller's network namespace the numbers would be the host's. Where we may not ask, the
// container counts as having none.
bool has_own_network(FdRef init_proc) {
  const Result<std::string> its = sys::readlink_at(init_proc, "ns/net");
  const Result<std::string> ours =
      sys::readlink_at(FdRef::cwd(), cat(host_paths::kProc, "/self/ns/net"));
  return its && ours && *its != *ours;
}

}  // namespace

Result<StatsSource> StatsSource::open(const Settings& settings, const std::string& id) {
  TRY(validate_id(id));
  Container container = TRY(Container::open(settings, id));
  const Record& record = container.record;
  StatsSource source;
  source.init_ = TRY(open_init(record));
  if (!record.complete || !source.init_) return not_running();
  Result<Fd> proc =
      sys::open_at(FdRef::cwd(), cat(host_paths::kProc, "/", record.pid), O_PATH | O_DIRECTORY);
  // The number was init's when we opened the directory, if init lives now. The directory stays
  // that of init, whoever has the number later.
  if (!proc || source.ended()) return not_running();
  source.init_proc_ = std::move(*proc);
  source.own_network_ = has_own_network(source.init_proc_);
  source.id_ = id;
  source.cgroup_ = std::move(container.record.cgroup);
  return source;
}

bool StatsSource::ended() const {
  const Result<std::vector<bool>> ready = sys::wait_readable({init_}, 0);
  return !ready || (*ready)[0];
}

Result<ContainerStats> StatsSource::read() const {
  ContainerStats stats;
  stats.id = id_;
  stats.taken_ms = sys::monotonic_ms();
  stats.cgroup = TRY(read_cgroup_stats(cgroup_));
  stats.network = network();
  return stats;
}

// Init may end at any moment; then there is nothing to tell.
std::vector<sys::NetworkInterface> StatsSource::network() const {
  if (!own_network_) return {};
  const Result<std::string> text = sys::read_file_at(init_proc_, "net/dev", kNetDevLimit);
  return text ? sys::parse_net_dev(*text) : std::vector<sys::NetworkInterface>{};
}

}  // namespace brig::runtime
