#include "linux/cgroup/stats/controllers.h"

#include <utility>

#include "linux/cgroup/parse.h"
#include "linux/cgroup/stats/parse.h"

namespace brig {

namespace {

constexpr std::uint64_t kNsPerTick = 10'000'000;  // USER_HZ is 100 on every architecture we run on

Result<> read_cpu(const CounterFiles& files, CgroupStats& stats) {
  const KeyValues values = TRY(files.key_values("cpu.stat"));
  stats.cpu.periods = value_of(values, "nr_periods");
  stats.cpu.throttled_periods = value_of(values, "nr_throttled");
  stats.cpu.throttled_ns = value_of(values, "throttled_time");
  stats.cpu.burst_periods = value_of(values, "nr_bursts");
  stats.cpu.burst_ns = value_of(values, "burst_time");
  return {};
}

Result<> read_cpuacct(const CounterFiles& files, CgroupStats& stats) {
  const KeyValues values = TRY(files.key_values("cpuacct.stat"));
  const std::string percpu = TRY(files.text("cpuacct.usage_percpu"));
  const std::string by_mode = TRY(files.text("cpuacct.usage_all"));
  UsageByMode modes = parse_usage_by_mode(by_mode);
  CpuStats& cpu = stats.cpu;
  cpu.total_ns = TRY(files.count("cpuacct.usage"));
  cpu.user_ns = value_of(values, "user") * kNsPerTick;
  cpu.kernel_ns = value_of(values, "system") * kNsPerTick;
  cpu.percpu_ns = parse_counts(percpu);
  cpu.percpu_user_ns = std::move(modes.user);
  cpu.percpu_kernel_ns = std::move(modes.kernel);
  return {};
}

Result<> read_cpuset(const CounterFiles& files, CgroupStats& stats) {
  CpusetStats& cpuset = stats.cpuset;
  const std::string cpus = TRY(files.text("cpuset.cpus"));
  const std::string mems = TRY(files.text("cpuset.mems"));
  const std::string relax = TRY(files.text("cpuset.sched_relax_domain_level"));
  cpuset.cpus = parse_number_list(cpus);
  cpuset.mems = parse_number_list(mems);
  cpuset.sched_relax_domain_level = parse_signed(relax);
  const std::pair<const char*, std::uint64_t&> flags[] = {
      {"cpuset.cpu_exclusive", cpuset.cpu_exclusive},
      {"cpuset.mem_exclusive", cpuset.mem_exclusive},
      {"cpuset.mem_hardwall", cpuset.mem_hardwall},
      {"cpuset.memory_migrate", cpuset.memory_migrate},
      {"cpuset.memory_spread_page", cpuset.memory_spread_page},
      {"cpuset.memory_spread_slab", cpuset.memory_spread_slab},
      {"cpuset.memory_pressure", cpuset.memory_pressure},
      {"cpuset.sched_load_balance", cpuset.sched_load_balance},
  };
  for (const auto& [file, value] : flags) value = TRY(files.count(file));
  return {};
}

Result<MemoryCounter> read_counter(const CounterFiles& files, const std::string& name) {
  MemoryCounter counter;
  counter.usage = TRY(files.count(name + ".usage_in_bytes"));
  counter.max = TRY(files.count(name + ".max_usage_in_bytes"));
  counter.limit = TRY(files.count(name + ".limit_in_bytes"));
  counter.failcnt = TRY(files.count(name + ".failcnt"));
  return counter;
}

Result<> read_memory(const CounterFiles& files, CgroupStats& stats) {
  MemoryStats& memory = stats.memory;
  memory.raw = TRY(files.key_values("memory.stat"));
  memory.cache = value_of(memory.raw, "cache");
  memory.usage = TRY(read_counter(files, "memory"));
  memory.swap = TRY(read_counter(files, "memory.memsw"));
  memory.swapped = value_of(memory.raw, "total_swap");
  memory.kernel = TRY(read_counter(files, "memory.kmem"));
  memory.kernel_tcp = TRY(read_counter(files, "memory.kmem.tcp"));
  const KeyValues oom = TRY(files.key_values("memory.oom_control"));
  if (const auto kills = oom.find("oom_kill"); kills != oom.end()) memory.events.insert(*kills);
  return {};
}

// The schedulers count everything, where they are used; throttling counts bytes and requests.
Result<std::vector<IoEntry>> read_entries(const CounterFiles& files, const std::string& what) {
  for (const std::string& name :
       {"blkio.bfq." + what + "_recursive", "blkio." + what + "_recursive",
        "blkio.throttle." + what + "_recursive", "blkio.throttle." + what}) {
    const std::string text = TRY(files.text(name));
    std::vector<IoEntry> entries = parse_blkio(text);
    if (!entries.empty()) return entries;
  }
  return std::vector<IoEntry>{};
}

Result<> read_blkio(const CounterFiles& files, CgroupStats& stats) {
  const std::pair<const char*, std::vector<IoEntry>&> kinds[] = {
      {"io_service_bytes", stats.io.service_bytes},
      {"io_serviced", stats.io.serviced},
      {"io_queued", stats.io.queued},
      {"io_service_time", stats.io.service_time},
      {"io_wait_time", stats.io.wait_time},
      {"io_merged", stats.io.merged},
      {"time", stats.io.time},
      {"sectors", stats.io.sectors},
  };
  for (const auto& [what, entries] : kinds) entries = TRY(read_entries(files, what));
  return {};
}

Result<> read_hugetlb(const CounterFiles& files, CgroupStats& stats) {
  const std::vector<std::string> names = TRY(files.names());
  for (const std::string& size : page_sizes_in(names, ".usage_in_bytes")) {
    const std::string plain = cat("hugetlb.", size);
    const std::string reserved = plain + ".rsvd";
    HugetlbStats& entry = stats.hugetlb[size];
    entry.usage =
        TRY(files.count_of_either(reserved + ".usage_in_bytes", plain + ".usage_in_bytes"));
    entry.max =
        TRY(files.count_of_either(reserved + ".max_usage_in_bytes", plain + ".max_usage_in_bytes"));
    entry.failcnt = TRY(files.count_of_either(reserved + ".failcnt", plain + ".failcnt"));
  }
  return {};
}

struct ControllerReader {
  std::string_view controller;
  Result<> (*read)(const CounterFiles&, CgroupStats&);
};
constexpr ControllerReader kReaders[] = {
    {"cpu", read_cpu},       {"cpuacct", read_cpuacct}, {"cpuset", read_cpuset},
    {"memory", read_memory}, {"blkio", read_blkio},     {"hugetlb", read_hugetlb},
    {"pids", read_pids},     {"rdma", read_rdma},       {"misc", read_misc},
};

}  // namespace

Result<> read_v1_controllers(const CounterFiles& files, std::string_view controllers,
                             CgroupStats& stats) {
  for (const std::string_view controller : split(controllers, ','))
    for (const ControllerReader& reader : kReaders)
      if (reader.controller == controller) TRY(reader.read(files, stats));
  return {};
}

}  // namespace brig
