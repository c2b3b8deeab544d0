#include "linux/cgroup/stats/controllers.h"

#include "linux/cgroup/stats/parse.h"

namespace brig {

namespace {

constexpr std::uint64_t kNsPerUs = 1000;

Result<> read_cpu(const CounterFiles& files, CgroupStats& stats) {
  const KeyValues values = TRY(files.key_values("cpu.stat"));
  CpuStats& cpu = stats.cpu;
  cpu.total_ns = value_of(values, "usage_usec") * kNsPerUs;
  cpu.user_ns = value_of(values, "user_usec") * kNsPerUs;
  cpu.kernel_ns = value_of(values, "system_usec") * kNsPerUs;
  cpu.periods = value_of(values, "nr_periods");
  cpu.throttled_periods = value_of(values, "nr_throttled");
  cpu.throttled_ns = value_of(values, "throttled_usec") * kNsPerUs;
  cpu.burst_periods = value_of(values, "nr_bursts");
  cpu.burst_ns = value_of(values, "burst_usec") * kNsPerUs;
  cpu.pressure = TRY(files.pressure("cpu.pressure"));
  return {};
}

Result<> read_cpuset(const CounterFiles& files, CgroupStats& stats) {
  const std::string cpus = TRY(files.text("cpuset.cpus.effective"));
  const std::string mems = TRY(files.text("cpuset.mems.effective"));
  stats.cpuset.cpus = parse_number_list(cpus);
  stats.cpuset.mems = parse_number_list(mems);
  return {};
}

Result<MemoryCounter> read_counter(const CounterFiles& files, const std::string& name) {
  MemoryCounter counter;
  counter.usage = TRY(files.count(name + ".current"));
  counter.max = TRY(files.count(name + ".peak"));  // Linux 5.19, for swap 6.5
  counter.limit = TRY(files.count(name + ".max"));
  return counter;
}

std::uint64_t sum_of_limits(std::uint64_t a, std::uint64_t b) {
  return a > kNoLimit - b ? kNoLimit : a + b;
}

Result<> read_memory(const CounterFiles& files, CgroupStats& stats) {
  MemoryStats& memory = stats.memory;
  memory.raw = TRY(files.key_values("memory.stat"));
  memory.events = TRY(files.key_values("memory.events"));
  memory.cache = value_of(memory.raw, "file");
  memory.usage = TRY(read_counter(files, "memory"));
  const MemoryCounter swap = TRY(read_counter(files, "memory.swap"));
  memory.swapped = swap.usage;
  // The peaks of two things are not the peak of their sum, so that stays 0.
  memory.swap = {.usage = memory.usage.usage + swap.usage,
                 .max = 0,
                 .failcnt = 0,
                 .limit = sum_of_limits(memory.usage.limit, swap.limit)};
  memory.pressure = TRY(files.pressure("memory.pressure"));
  return {};
}

Result<> read_io(const CounterFiles& files, CgroupStats& stats) {
  const std::string text = TRY(files.text("io.stat"));
  stats.io.raw = parse_io_stat(text);
  add_as_v1(stats.io.raw, stats.io);
  stats.io.pressure = TRY(files.pressure("io.pressure"));
  return {};
}

Result<> read_hugetlb(const CounterFiles& files, CgroupStats& stats) {
  const std::vector<std::string> names = TRY(files.names());
  for (const std::string& size : page_sizes_in(names, ".current")) {
    const std::string prefix = cat("hugetlb.", size);
    HugetlbStats& entry = stats.hugetlb[size];
    entry.usage = TRY(files.count_of_either(prefix + ".rsvd.current", prefix + ".current"));
    const KeyValues events = TRY(files.key_values(prefix + ".events"));
    entry.failcnt = value_of(events, "max");
  }
  return {};
}

constexpr Result<> (*kReaders[])(const CounterFiles&, CgroupStats&) = {
    read_cpu, read_cpuset, read_memory, read_io, read_hugetlb, read_pids, read_rdma, read_misc,
};

}  // namespace

Result<> read_v2_controllers(const CounterFiles& files, CgroupStats& stats) {
  for (const auto& read : kReaders) TRY(read(files, stats));
  return {};
}

}  // namespace brig
