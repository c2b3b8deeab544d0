#include "spec/write_resources.h"

#include "base/json.h"

namespace brig::spec {
namespace {

using json::Writer;

template <class T>
void member(Writer& out, std::string_view name, const std::optional<T>& value) {
  if (value) out.member(name, *value);
}
void member(Writer& out, std::string_view name, const std::optional<std::uint16_t>& value) {
  if (value) out.member(name, std::uint64_t{*value});
}
void member(Writer& out, std::string_view name, std::string_view text) {
  if (!text.empty()) out.member(name, text);
}

void write(Writer& out, const DeviceRule& rule) {
  out.member("allow", rule.allow);
  member(out, "type", rule.type);
  member(out, "major", rule.major);
  member(out, "minor", rule.minor);
  member(out, "access", rule.access);
}

void write(Writer& out, const Memory& memory) {
  member(out, "limit", memory.limit);
  member(out, "reservation", memory.reservation);
  member(out, "swap", memory.swap);
  member(out, "kernel", memory.kernel);
  member(out, "kernelTCP", memory.kernel_tcp);
  member(out, "swappiness", memory.swappiness);
  member(out, "disableOOMKiller", memory.disable_oom_killer);
  member(out, "useHierarchy", memory.use_hierarchy);
  member(out, "checkBeforeUpdate", memory.check_before_update);
}

void write(Writer& out, const Cpu& cpu) {
  member(out, "shares", cpu.shares);
  member(out, "quota", cpu.quota);
  member(out, "burst", cpu.burst);
  member(out, "period", cpu.period);
  member(out, "realtimeRuntime", cpu.realtime_runtime);
  member(out, "realtimePeriod", cpu.realtime_period);
  member(out, "cpus", cpu.cpus);
  member(out, "mems", cpu.mems);
  member(out, "idle", cpu.idle);
}

void write(Writer& out, const WeightDevice& device) {
  out.member("major", device.major);
  out.member("minor", device.minor);
  member(out, "weight", device.weight);
  member(out, "leafWeight", device.leaf_weight);
}

void write(Writer& out, const ThrottleDevice& device) {
  out.member("major", device.major);
  out.member("minor", device.minor);
  out.member("rate", device.rate);
}

void write(Writer& out, const HugepageLimit& limit) {
  out.member("pageSize", std::string_view(limit.page_size));
  out.member("limit", limit.limit);
}

void write(Writer& out, const NetworkPriority& priority) {
  out.member("name", std::string_view(priority.name));
  out.member("priority", priority.priority);
}

void write(Writer& out, const Rdma& rdma) {
  member(out, "hcaHandles", rdma.hca_handles);
  member(out, "hcaObjects", rdma.hca_objects);
}

// Sections of sections, which the templates call.
struct Pids {
  std::int64_t limit = 0;
};
void write(Writer& out, const BlockIo& io);
void write(Writer& out, const NetworkResources& network);
void write(Writer& out, const Pids& pids);
void write(Writer& out, const std::map<std::string, Rdma>& devices);
void write(Writer& out, const StringMap& files);

template <class T>
void object(Writer& out, std::string_view name, const T& value) {
  out.key(name);
  out.begin_object();
  write(out, value);
  out.end_object();
}

template <class T>
void list(Writer& out, std::string_view name, const std::vector<T>& values) {
  if (values.empty()) return;
  out.key(name);
  out.begin_array();
  for (const T& value : values) {
    out.begin_object();
    write(out, value);
    out.end_object();
  }
  out.end_array();
}

void write(Writer& out, const BlockIo& io) {
  member(out, "weight", io.weight);
  member(out, "leafWeight", io.leaf_weight);
  list(out, "weightDevice", io.weight_device);
  list(out, "throttleReadBpsDevice", io.throttle_read_bps);
  list(out, "throttleWriteBpsDevice", io.throttle_write_bps);
  list(out, "throttleReadIOPSDevice", io.throttle_read_iops);
  list(out, "throttleWriteIOPSDevice", io.throttle_write_iops);
}

void write(Writer& out, const NetworkResources& network) {
  member(out, "classID", network.class_id);
  list(out, "priorities", network.priorities);
}

void write(Writer& out, const Pids& pids) {
  out.member("limit", pids.limit);
}

void write(Writer& out, const std::map<std::string, Rdma>& devices) {
  for (const auto& [name, limits] : devices) object(out, name, limits);
}

void write(Writer& out, const StringMap& files) {
  for (const auto& [name, value] : files) out.member(name, std::string_view(value));
}

}  // namespace

std::string resources_json(const Resources& resources) {
  Writer out;
  out.begin_object();
  list(out, "devices", resources.devices);
  if (resources.memory) object(out, "memory", *resources.memory);
  if (resources.cpu) object(out, "cpu", *resources.cpu);
  if (resources.pids_limit) object(out, "pids", Pids{*resources.pids_limit});
  if (resources.block_io) object(out, "blockIO", *resources.block_io);
  list(out, "hugepageLimits", resources.hugepage_limits);
  if (resources.network) object(out, "network", *resources.network);
  if (!resources.rdma.empty()) object(out, "rdma", resources.rdma);
  if (!resources.unified.empty()) object(out, "unified", resources.unified);
  out.end_object();
  return out.take();
}

}  // namespace brig::spec
