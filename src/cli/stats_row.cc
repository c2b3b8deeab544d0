#include "cli/stats_row.h"

#include <algorithm>

#include "base/json.h"
#include "cli/events_json.h"

namespace brig::cli {
namespace {

using Percent = std::optional<std::uint64_t>;  // hundredths

Percent cpu_between(const runtime::ContainerStats* before, const runtime::ContainerStats& now) {
  if (before == nullptr || now.taken_ms <= before->taken_ms) return {};
  const std::uint64_t earlier = before->cgroup.cpu.total_ns;
  const std::uint64_t used_ns = std::max(now.cgroup.cpu.total_ns, earlier) - earlier;
  const auto passed_ms = static_cast<std::uint64_t>(now.taken_ms - before->taken_ms);
  return used_ns / (passed_ms * 100);  // 1 ms of CPU in 1 ms is 100 % is 10000 hundredths
}

std::uint64_t in_use(const MemoryStats& memory) {
  // v1 counts the cgroups below under names of their own.
  const char* const key =
      memory.raw.contains("total_inactive_file") ? "total_inactive_file" : "inactive_file";
  const auto found = memory.raw.find(key);
  const std::uint64_t idle = found == memory.raw.end() ? 0 : found->second;
  return memory.usage.usage - std::min(idle, memory.usage.usage);
}

std::optional<std::uint64_t> memory_limit(const MemoryStats& memory) {
  constexpr std::uint64_t kPractically = std::uint64_t{1} << 62;  // v1 has no word for "none"
  if (memory.usage.limit == 0 || memory.usage.limit >= kPractically) return {};
  return memory.usage.limit;
}

std::uint64_t sum_of(const std::vector<IoEntry>& entries, std::string_view op) {
  std::uint64_t sum = 0;
  for (const IoEntry& entry : entries)
    if (entry.op == op) sum += entry.value;
  return sum;
}

void add_network(const std::vector<sys::NetworkInterface>& interfaces, StatsRow& row) {
  if (interfaces.empty()) return;
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  for (const sys::NetworkInterface& each : interfaces) {
    if (each.name == "lo") continue;
    received += each.rx_bytes;
    sent += each.tx_bytes;
  }
  row.received = received;
  row.sent = sent;
}

Percent some_avg10(const std::optional<Pressure>& pressure) {
  return pressure ? Percent(pressure->some.avg10) : Percent();
}

void append_or_null(json::Writer& out, std::string_view key, std::optional<std::uint64_t> number) {
  out.key(key);
  if (number)
    out.value(*number);
  else
    out.null();
}

void append_percent(json::Writer& out, std::string_view key, Percent percent) {
  out.key(key);
  if (percent)
    out.value(decimal(*percent));
  else
    out.null();
}

}  // namespace

StatsRow stats_row(const runtime::ContainerStats* before, const runtime::ContainerStats& now) {
  const CgroupStats& stats = now.cgroup;
  StatsRow row;
  row.id = now.id;
  row.cpu = cpu_between(before, now);
  row.memory = in_use(stats.memory);
  row.memory_limit = memory_limit(stats.memory);
  // In this order a petabyte does not overflow.
  if (row.memory_limit)
    row.memory_percent = row.memory * 100 / std::max<std::uint64_t>(*row.memory_limit / 100, 1);
  row.swap = stats.memory.swapped;
  row.read = sum_of(stats.io.service_bytes, "Read");
  row.written = sum_of(stats.io.service_bytes, "Write");
  add_network(now.network, row);
  row.pids = stats.pids.current;
  if (stats.pids.limit != 0) row.pids_limit = stats.pids.limit;
  row.cpu_pressure = some_avg10(stats.cpu.pressure);
  row.memory_pressure = some_avg10(stats.memory.pressure);
  row.io_pressure = some_avg10(stats.io.pressure);
  return row;
}

std::string stats_json(const StatsRow& row) {
  json::Writer out;
  out.begin_object();
  out.member("id", std::string_view(row.id));
  append_percent(out, "cpu_percent", row.cpu);
  out.member("memory", row.memory);
  append_or_null(out, "memory_limit", row.memory_limit);
  append_percent(out, "memory_percent", row.memory_percent);
  out.member("swap", row.swap);
  out.member("io_read", row.read);
  out.member("io_written", row.written);
  append_or_null(out, "net_received", row.received);
  append_or_null(out, "net_sent", row.sent);
  out.member("pids", row.pids);
  append_or_null(out, "pids_limit", row.pids_limit);
  append_percent(out, "cpu_pressure", row.cpu_pressure);
  append_percent(out, "memory_pressure", row.memory_pressure);
  append_percent(out, "io_pressure", row.io_pressure);
  out.end_object();
  return out.take() + '\n';
}

}  // namespace brig::cli
