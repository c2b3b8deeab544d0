#include "linux/cgroup/control.h"
#include "linux/cgroup/paths.h"
#include "linux/cgroup/stats/controllers.h"
#include "linux/cgroup/stats/parse.h"
#include "linux/cgroup/stats/stats.h"

namespace brig {

Result<> read_pids(const CounterFiles& files, CgroupStats& stats) {
  stats.pids.current = TRY(files.count("pids.current"));
  const std::uint64_t limit = TRY(files.count("pids.max"));
  stats.pids.limit = limit == kNoLimit ? 0 : limit;
  const KeyValues events = TRY(files.key_values("pids.events"));
  stats.pids.denied = value_of(events, "max");
  return {};
}

Result<> read_rdma(const CounterFiles& files, CgroupStats& stats) {
  const std::string current = TRY(files.text("rdma.current"));
  const std::string limit = TRY(files.text("rdma.max"));
  stats.rdma_current = parse_rdma(current);
  stats.rdma_limit = parse_rdma(limit);
  return {};
}

Result<> read_misc(const CounterFiles& files, CgroupStats& stats) {
  const KeyValues current = TRY(files.key_values("misc.current"));
  const KeyValues limits = TRY(files.key_values("misc.max"));
  const KeyValues events = TRY(files.key_values("misc.events"));
  for (const auto& [name, value] : current) {
    const auto limit = limits.find(name);
    stats.misc[name] = {.current = value,
                        .limit = limit == limits.end() ? kNoLimit : limit->second,
                        .denied = value_of(events, name + ".max")};
  }
  return {};
}

// On a hybrid host v2 counts CPU time and pressure without any controller; what v1 has of it
// replaces that.
Result<CgroupStats> read_cgroup_stats(const CgroupPaths& paths) {
  TRY(validate_cgroup_paths(paths));
  CgroupStats stats;
  for (const CgroupDir& dir : paths.v2) {
    const CounterFiles files = TRY(CounterFiles::open(dir));
    TRY(read_v2_controllers(files, stats));
  }
  for (const CgroupDir& dir : paths.v1) {
    const CounterFiles files = TRY(CounterFiles::open(dir));
    TRY(read_v1_controllers(files, dir.controllers, stats));
  }
  if (stats.pids.current == 0) {  // no pids controller
    const std::vector<pid_t> processes = TRY(cgroup_processes(paths));
    stats.pids.current = processes.size();
  }
  return stats;
}

}  // namespace brig
