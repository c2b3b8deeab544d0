#include "cli/events_json.h"

#include "base/text.h"

namespace brig::cli {
namespace {

using json::Writer;

// Go's "omitempty": no number instead of 0, no list instead of an empty one.
void unless_zero(Writer& out, std::string_view key, std::uint64_t value) {
  if (value != 0) out.member(key, value);
}

void unless_empty(Writer& out, std::string_view key, const std::vector<std::uint64_t>& values) {
  if (values.empty()) return;
  out.key(key);
  out.begin_array();
  for (const std::uint64_t value : values) out.value(value);
  out.end_array();
}

void append_values(Writer& out, const KeyValues& values) {
  out.begin_object();
  for (const auto& [key, value] : values) out.member(key, value);
  out.end_object();
}

void unless_empty(Writer& out, std::string_view key, const KeyValues& values) {
  if (values.empty()) return;
  out.key(key);
  append_values(out, values);
}

void append_share(Writer& out, std::string_view key, const PressureShare& share) {
  out.key(key);
  out.begin_object();
  out.member("avg10", decimal(share.avg10));
  out.member("avg60", decimal(share.avg60));
  out.member("avg300", decimal(share.avg300));
  out.member("total", share.total_us);
  out.end_object();
}

void append_pressure(Writer& out, const std::optional<Pressure>& pressure) {
  if (!pressure) return;
  out.key("psi");
  out.begin_object();
  append_share(out, "some", pressure->some);
  append_share(out, "full", pressure->full);
  out.end_object();
}

void append_cpu(Writer& out, const CpuStats& cpu) {
  out.key("cpu");
  out.begin_object();
  out.key("usage");
  out.begin_object();
  unless_zero(out, "total", cpu.total_ns);
  unless_empty(out, "percpu", cpu.percpu_ns);
  unless_empty(out, "percpu_kernel", cpu.percpu_kernel_ns);
  unless_empty(out, "percpu_user", cpu.percpu_user_ns);
  out.member("kernel", cpu.kernel_ns);
  out.member("user", cpu.user_ns);
  out.end_object();
  out.key("throttling");
  out.begin_object();
  unless_zero(out, "periods", cpu.periods);
  unless_zero(out, "throttledPeriods", cpu.throttled_periods);
  unless_zero(out, "throttledTime", cpu.throttled_ns);
  out.end_object();
  append_pressure(out, cpu.pressure);
  if (cpu.burst_periods != 0) {
    out.key("burst");
    out.begin_object();
    out.member("burstPeriods", cpu.burst_periods);
    out.member("burstTime", cpu.burst_ns);
    out.end_object();
  }
  out.end_object();
}

void append_cpuset(Writer& out, const CpusetStats& cpuset) {
  out.key("cpuset");
  out.begin_object();
  unless_empty(out, "cpus", cpuset.cpus);
  out.member("cpu_exclusive", cpuset.cpu_exclusive);
  unless_empty(out, "mems", cpuset.mems);
  out.member("mem_hardwall", cpuset.mem_hardwall);
  out.member("mem_exclusive", cpuset.mem_exclusive);
  out.member("memory_migrate", cpuset.memory_migrate);
  out.member("memory_spread_page", cpuset.memory_spread_page);
  out.member("memory_spread_slab", cpuset.memory_spread_slab);
  out.member("memory_pressure", cpuset.memory_pressure);
  out.member("sched_load_balance", cpuset.sched_load_balance);
  out.member("sched_relax_domain_level", cpuset.sched_relax_domain_level);
  out.end_object();
}

void append_counter(Writer& out, std::string_view key, const MemoryCounter& counter) {
  out.key(key);
  out.begin_object();
  out.member("limit", counter.limit);
  unless_zero(out, "usage", counter.usage);
  unless_zero(out, "max", counter.max);
  out.member("failcnt", counter.failcnt);
  out.end_object();
}

void append_memory(Writer& out, const MemoryStats& memory) {
  out.key("memory");
  out.begin_object();
  unless_zero(out, "cache", memory.cache);
  append_counter(out, "usage", memory.usage);
  append_counter(out, "swap", memory.swap);
  append_counter(out, "kernel", memory.kernel);
  append_counter(out, "kernelTCP", memory.kernel_tcp);
  unless_empty(out, "raw", memory.raw);
  append_pressure(out, memory.pressure);
  unless_empty(out, "events", memory.events);
  out.end_object();
}

void append_pids(Writer& out, const PidsStats& pids) {
  out.key("pids");
  out.begin_object();
  unless_zero(out, "current", pids.current);
  unless_zero(out, "limit", pids.limit);
  unless_zero(out, "failcnt", pids.denied);
  out.end_object();
}

void append_entries(Writer& out, std::string_view key, const std::vector<IoEntry>& entries) {
  if (entries.empty()) return;
  out.key(key);
  out.begin_array();
  for (const IoEntry& entry : entries) {
    out.begin_object();
    unless_zero(out, "major", entry.major);
    unless_zero(out, "minor", entry.minor);
    if (!entry.op.empty()) out.member("op", std::string_view(entry.op));
    unless_zero(out, "value", entry.value);
    out.end_object();
  }
  out.end_array();
}

void append_io(Writer& out, const IoStats& io) {
  out.key("blkio");
  out.begin_object();
  append_entries(out, "ioServiceBytesRecursive", io.service_bytes);
  append_entries(out, "ioServicedRecursive", io.serviced);
  append_entries(out, "ioQueueRecursive", io.queued);
  append_entries(out, "ioServiceTimeRecursive", io.service_time);
  append_entries(out, "ioWaitTimeRecursive", io.wait_time);
  append_entries(out, "ioMergedRecursive", io.merged);
  append_entries(out, "ioTimeRecursive", io.time);
  append_entries(out, "sectorsRecursive", io.sectors);
  append_pressure(out, io.pressure);
  if (!io.raw.empty()) {
    out.key("raw");
    out.begin_object();
    for (const auto& [device, values] : io.raw) unless_empty(out, device, values);
    out.end_object();
  }
  out.end_object();
}

void append_hugetlb(Writer& out, const std::map<std::string, HugetlbStats>& sizes) {
  out.key("hugetlb");
  out.begin_object();
  for (const auto& [size, counters] : sizes) {
    out.key(size);
    out.begin_object();
    unless_zero(out, "usage", counters.usage);
    unless_zero(out, "max", counters.max);
    out.member("failcnt", counters.failcnt);
    out.end_object();
  }
  out.end_object();
}

void append_network(Writer& out, const std::vector<sys::NetworkInterface>& interfaces) {
  out.key("network_interfaces");
  if (interfaces.empty()) return out.null();
  out.begin_array();
  for (const sys::NetworkInterface& each : interfaces) {
    out.begin_object();
    out.member("Name", std::string_view(each.name));
    out.member("RxBytes", each.rx_bytes);
    out.member("RxPackets", each.rx_packets);
    out.member("RxErrors", each.rx_errors);
    out.member("RxDropped", each.rx_dropped);
    out.member("TxBytes", each.tx_bytes);
    out.member("TxPackets", each.tx_packets);
    out.member("TxErrors", each.tx_errors);
    out.member("TxDropped", each.tx_dropped);
    out.end_object();
  }
  out.end_array();
}

void append_rdma_devices(Writer& out, std::string_view key,
                         const std::map<std::string, RdmaStats>& devices) {
  out.key(key);
  out.begin_object();
  for (const auto& [device, counters] : devices) {
    out.key(device);
    out.begin_object();
    if (counters.hca_handles != kNoLimit) out.member("hcaHandles", counters.hca_handles);
    if (counters.hca_objects != kNoLimit) out.member("hcaObjects", counters.hca_objects);
    out.end_object();
  }
  out.end_object();
}

void append_rdma(Writer& out, const CgroupStats& stats) {
  if (stats.rdma_current.empty()) return;
  out.key("rdma");
  out.begin_object();
  append_rdma_devices(out, "current", stats.rdma_current);
  append_rdma_devices(out, "limit", stats.rdma_limit);
  out.end_object();
}

void append_misc(Writer& out, const std::map<std::string, MiscStats>& resources) {
  if (resources.empty()) return;
  out.key("misc");
  out.begin_object();
  for (const auto& [name, counters] : resources) {
    out.key(name);
    out.begin_object();
    out.member("current", counters.current);
    if (counters.limit != kNoLimit) out.member("limit", counters.limit);
    out.member("failcnt", counters.denied);
    out.end_object();
  }
  out.end_object();
}

}  // namespace

std::string stats_event(const runtime::ContainerStats& stats) {
  Writer out;
  out.begin_object();
  out.member("type", "stats");
  out.member("id", std::string_view(stats.id));
  out.key("data");
  out.begin_object();
  append_cpu(out, stats.cgroup.cpu);
  append_cpuset(out, stats.cgroup.cpuset);
  append_memory(out, stats.cgroup.memory);
  append_pids(out, stats.cgroup.pids);
  append_io(out, stats.cgroup.io);
  append_hugetlb(out, stats.cgroup.hugetlb);
  out.key("intel_rdt");
  out.begin_object();
  out.end_object();
  append_network(out, stats.network);
  append_rdma(out, stats.cgroup);
  append_misc(out, stats.cgroup.misc);
  out.end_object();
  out.end_object();
  return out.take() + '\n';
}

std::string oom_event(std::string_view id) {
  Writer out;
  out.begin_object();
  out.member("type", "oom");
  out.member("id", id);
  out.end_object();
  return out.take() + '\n';
}

json::Node decimal(std::uint64_t hundredths) {
  json::Node number{.kind = json::Kind::Real, .text = cat(hundredths / 100)};
  if (const std::uint64_t rest = hundredths % 100; rest != 0) {
    number.text += cat(".", rest / 10);
    if (rest % 10 != 0) append(number.text, rest % 10);
  }
  return number;
}

}  // namespace brig::cli
