#include "linux/cgroup/resources/plan.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "linux/cgroup/parse.h"
#include "linux/cgroup/resources/convert.h"
#include "linux/cgroup/resources/knob.h"
#include "spec/types.h"

namespace brig {

namespace {

constexpr CgroupKnob kMemoryLimit{"memory", "memory.limit_in_bytes", "memory.max"};
constexpr CgroupKnob kMemorySwap{"memory", "memory.memsw.limit_in_bytes", "memory.swap.max"};
constexpr CgroupKnob kMemoryReservation{"memory", "memory.soft_limit_in_bytes", "memory.low"};
constexpr CgroupKnob kKernelMemory{"memory", "memory.kmem.limit_in_bytes", ""};
constexpr CgroupKnob kKernelTcp{"memory", "memory.kmem.tcp.limit_in_bytes", ""};
constexpr CgroupKnob kSwappiness{"memory", "memory.swappiness", ""};
constexpr CgroupKnob kOomControl{"memory", "memory.oom_control", ""};
constexpr CgroupKnob kUseHierarchy{"memory", "memory.use_hierarchy", ""};
constexpr CgroupKnob kShares{"cpu", "cpu.shares", "cpu.weight"};
constexpr CgroupKnob kPeriod{"cpu", "cpu.cfs_period_us", "cpu.max"};
constexpr CgroupKnob kQuota{"cpu", "cpu.cfs_quota_us", "cpu.max"};
constexpr CgroupKnob kBurst{"cpu", "cpu.cfs_burst_us", "cpu.max.burst"};
constexpr CgroupKnob kIdle{"cpu", "cpu.idle", "cpu.idle"};
constexpr CgroupKnob kRtPeriod{"cpu", "cpu.rt_period_us", ""};
constexpr CgroupKnob kRtRuntime{"cpu", "cpu.rt_runtime_us", ""};
constexpr CgroupKnob kCpus{"cpuset", "cpuset.cpus", "cpuset.cpus"};
constexpr CgroupKnob kMems{"cpuset", "cpuset.mems", "cpuset.mems"};
constexpr CgroupKnob kPids{"pids", "pids.max", "pids.max"};
constexpr CgroupKnob kClassId{"net_cls", "net_cls.classid", ""};
constexpr CgroupKnob kPriorities{"net_prio", "net_prio.ifpriomap", ""};
constexpr CgroupKnob kRdma{"rdma", "rdma.max", "rdma.max"};

std::string_view controller_of_blkio(bool v2) {
  return v2 ? "io" : "blkio";
}

// ---- memory ----------------------------------------------------------------------------------

Result<> check_memory(const spec::Memory& memory) {
  const auto check = [](std::string_view json,
                        const std::optional<std::int64_t>& size) -> Result<> {
    if (size && *size < -1)
      return bad_resource(json, cat(*size, " is neither a number of bytes nor -1"));
    return {};
  };
  TRY(check("memory.limit", memory.limit));
  TRY(check("memory.reservation", memory.reservation));
  TRY(check("memory.swap", memory.swap));
  TRY(check("memory.kernel", memory.kernel));
  TRY(check("memory.kernelTCP", memory.kernel_tcp));
  const std::int64_t limit = memory.limit.value_or(0), swap = memory.swap.value_or(0);
  if (swap > 0 && limit == 0)
    return bad_resource("memory.swap", "counts memory and swap together, so it needs memory.limit");
  if (swap > 0 && swap < limit)
    return bad_resource("memory.swap", cat(swap, " is less than memory.limit ", limit,
                                           "; it counts memory and swap together"));
  return {};
}

// v1 limits memory+swap, v2 swap alone. Unlimited memory brings unlimited swap along.
Result<> add_swap(const spec::Memory& memory, CgroupWrites& writes) {
  const std::int64_t limit = memory.limit.value_or(0);
  std::int64_t swap = memory.swap.value_or(0);
  const bool v2 = writes.is_v2("memory");
  if (v2 && limit == -1 && swap == 0) swap = -1;
  if (swap == 0) return {};
  if (!v2 && swap > 0 && limit == -1)
    return bad_resource("memory.swap",
                        "cgroup v1 counts memory and swap together: below unlimited memory "
                        "there is no limit for both");
  const std::int64_t alone = swap > 0 && limit > 0 ? swap - limit : swap;
  return writes.add({.json = "memory.swap",
                     .knob = kMemorySwap,
                     .v1 = cat(swap),
                     .v2 = number_or_max(alone),
                     // Without swap accounting nothing is swapped on this cgroup's behalf.
                     .may_be_absent = swap == -1 || (v2 && alone == 0)});
}

Result<> add_memory(const spec::Memory& memory, CgroupWrites& writes) {
  TRY(check_memory(memory));
  const std::int64_t limit = memory.limit.value_or(0);
  const bool v2 = writes.is_v2("memory");
  if (limit != 0)
    TRY(writes.add({.json = "memory.limit",
                    .knob = kMemoryLimit,
                    .v1 = cat(limit),
                    .v2 = number_or_max(limit),
                    .may_be_absent = limit == -1,
                    // On v1 memory+swap may never be below memory, not even for a moment.
                    .swap_with_next = !v2 && memory.swap.value_or(0) != 0}));
  TRY(add_swap(memory, writes));
  if (const std::int64_t reservation = memory.reservation.value_or(0); reservation != 0)
    TRY(writes.add({.json = "memory.reservation",
                    .knob = kMemoryReservation,
                    .v1 = cat(reservation),
                    .v2 = number_or_max(reservation)}));
  return {};
}

Result<> add_v1_memory(const spec::Memory& memory, CgroupWrites& writes) {
  if (const std::int64_t kernel = memory.kernel.value_or(0); kernel != 0)
    TRY(writes.add({.json = "memory.kernel", .knob = kKernelMemory, .v1 = cat(kernel)}));
  if (const std::int64_t tcp = memory.kernel_tcp.value_or(0); tcp != 0)
    TRY(writes.add({.json = "memory.kernelTCP", .knob = kKernelTcp, .v1 = cat(tcp)}));
  // Engines also write -1 for "unset" here.
  if (memory.swappiness && *memory.swappiness != std::numeric_limits<std::uint64_t>::max())
    TRY(writes.add(
        {.json = "memory.swappiness", .knob = kSwappiness, .v1 = cat(*memory.swappiness)}));
  if (memory.disable_oom_killer.value_or(false))
    TRY(writes.add({.json = "memory.disableOOMKiller", .knob = kOomControl, .v1 = "1"}));
  // cgroup v2 is always hierarchical.
  const bool always = writes.is_v2("memory") && memory.use_hierarchy.value_or(true);
  if (memory.use_hierarchy && !always)
    TRY(writes.add({.json = "memory.useHierarchy",
                    .knob = kUseHierarchy,
                    .v1 = *memory.use_hierarchy ? "1" : "0"}));
  return {};
}

// ---- cpu -------------------------------------------------------------------------------------

Result<> add_shares(const spec::Cpu& cpu, CgroupWrites& writes) {
  const std::uint64_t shares = cpu.shares.value_or(0);
  if (shares == 0) return {};
  // The v1 kernel would take another number without a word.
  if (!writes.is_v2("cpu") && (shares < 2 || shares > 262'144))
    return bad_resource("cpu.shares", cat(shares, " is not between 2 and 262144"));
  // An idle group refuses weights (EINVAL) until it is made busy again.
  return writes.add({.json = "cpu.shares",
                     .knob = kShares,
                     .v1 = cat(shares),
                     .v2 = cat(cpu_weight_of_shares(shares)),
                     .swap_with_next = cpu.idle == 0});
}

Result<> add_idle(const spec::Cpu& cpu, CgroupWrites& writes) {
  if (!cpu.idle) return {};
  if (*cpu.idle != 0 && *cpu.idle != 1)
    return bad_resource("cpu.idle", cat(*cpu.idle, " is neither 0 nor 1"));
  const std::string value = cat(*cpu.idle);
  return writes.add({.json = "cpu.idle",
                     .knob = kIdle,
                     .v1 = value,
                     .v2 = value,
                     .may_be_absent = *cpu.idle == 0});  // Linux 5.15
}

Result<> add_v1_bandwidth(const spec::Cpu& cpu, CgroupWrites& writes) {
  const std::uint64_t period = cpu.period.value_or(0);
  const std::int64_t quota = cpu.quota.value_or(0);
  // The old quota over a shorter period may be more than the parent has.
  if (period != 0)
    TRY(writes.add(
        {.json = "cpu.period", .knob = kPeriod, .v1 = cat(period), .swap_with_next = quota != 0}));
  if (quota != 0)
    TRY(writes.add({.json = "cpu.quota",
                    .knob = kQuota,
                    .v1 = quota < 0 ? "-1" : cat(quota),
                    .may_be_absent = quota < 0,
                    .swap_with_next = cpu.burst.has_value()}));
  return {};
}

Result<> add_v2_bandwidth(const spec::Cpu& cpu, CgroupWrites& writes) {
  const std::uint64_t period = cpu.period.value_or(0);
  const std::int64_t quota = cpu.quota.value_or(0);
  if (period == 0 && quota == 0) return {};
  return writes.add({.json = quota != 0 ? "cpu.quota" : "cpu.period",
                     .knob = kQuota,
                     .v2 = cat(quota > 0 ? cat(quota) : "max", " ", period != 0 ? period : 100'000),
                     // A burst of before may not be above the new quota.
                     .swap_with_next = cpu.burst.has_value()});
}

Result<> add_burst(const spec::Cpu& cpu, CgroupWrites& writes) {
  if (!cpu.burst) return {};
  const std::int64_t quota = cpu.quota.value_or(0);
  if (quota > 0 && *cpu.burst > static_cast<std::uint64_t>(quota))
    return bad_resource("cpu.burst", cat(*cpu.burst, " is above cpu.quota ", quota));
  const std::string value = cat(*cpu.burst);
  return writes.add({.json = "cpu.burst",
                     .knob = kBurst,
                     .v1 = value,
                     .v2 = value,
                     .may_be_absent = *cpu.burst == 0});  // Linux 5.14
}

Result<> add_realtime(const spec::Cpu& cpu, CgroupWrites& writes) {
  const std::uint64_t period = cpu.realtime_period.value_or(0);
  const std::int64_t runtime = cpu.realtime_runtime.value_or(0);
  if (period != 0)
    TRY(writes.add({.json = "cpu.realtimePeriod",
                    .knob = kRtPeriod,
                    .v1 = cat(period),
                    .swap_with_next = runtime != 0}));
  if (runtime != 0)
    TRY(writes.add({.json = "cpu.realtimeRuntime", .knob = kRtRuntime, .v1 = cat(runtime)}));
  return {};
}

Result<> add_cpu(const spec::Cpu& cpu, CgroupWrites& writes) {
  TRY(add_shares(cpu, writes));
  TRY(add_idle(cpu, writes));
  TRY(writes.is_v2("cpu") ? add_v2_bandwidth(cpu, writes) : add_v1_bandwidth(cpu, writes));
  TRY(add_burst(cpu, writes));
  TRY(add_realtime(cpu, writes));
  if (!cpu.cpus.empty())
    TRY(writes.add({.json = "cpu.cpus", .knob = kCpus, .v1 = cpu.cpus, .v2 = cpu.cpus}));
  if (!cpu.mems.empty())
    TRY(writes.add({.json = "cpu.mems", .knob = kMems, .v1 = cpu.mems, .v2 = cpu.mems}));
  return {};
}

// ---- block I/O -------------------------------------------------------------------------------

struct BlkioWeight {
  std::string json;
  std::string_view v1, v1_bfq;  // CFQ (until Linux 4.20) and BFQ
  std::string prefix;           // "8:0 " for one device
  std::uint64_t weight = 0;
};

// The scheduler that is in use decides which file there is.
Result<> add_blkio_weight(const BlkioWeight& wanted, CgroupWrites& writes) {
  const bool v2 = writes.is_v2("io");
  const std::string raw = cat(wanted.prefix, wanted.weight);
  const std::string_view controller = controller_of_blkio(v2);
  const std::string converted = cat(wanted.prefix, io_weight_of_blkio(wanted.weight));
  TRY(writes.add({.json = wanted.json,
                  .knob = {controller, wanted.v1, "io.bfq.weight"},
                  .v1 = raw,
                  .v2 = raw,
                  .else_next = true}));
  return writes.add({.json = wanted.json,
                     .knob = {controller, wanted.v1_bfq, "io.weight"},
                     .v1 = raw,
                     .v2 = converted});
}

Result<> add_leaf_weight(const std::string& json, std::string_view file, const std::string& value,
                         CgroupWrites& writes) {
  return writes.add(
      {.json = json, .knob = {controller_of_blkio(writes.is_v2("io")), file, ""}, .v1 = value});
}

Result<> add_weight_device(const spec::WeightDevice& device, const std::string& json,
                           CgroupWrites& writes) {
  const std::string prefix = cat(device.major, ":", device.minor, " ");
  if (device.weight.value_or(0) != 0)
    TRY(add_blkio_weight({.json = json,
                          .v1 = "blkio.weight_device",
                          .v1_bfq = "blkio.bfq.weight_device",
                          .prefix = prefix,
                          .weight = *device.weight},
                         writes));
  if (device.leaf_weight.value_or(0) != 0)
    TRY(add_leaf_weight(cat(json, ".leafWeight"), "blkio.leaf_weight_device",
                        cat(prefix, *device.leaf_weight), writes));
  return {};
}

struct Throttle {
  std::string_view json, v1, v2_key;
};

Result<> add_throttles(const std::vector<spec::ThrottleDevice>& devices, const Throttle& throttle,
                       CgroupWrites& writes) {
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const spec::ThrottleDevice& device = devices[i];
    const std::string number = cat(device.major, ":", device.minor, " ");
    TRY(writes.add(
        {.json = cat("blockIO.", throttle.json, "[", i, "]"),
         .knob = {controller_of_blkio(writes.is_v2("io")), throttle.v1, "io.max"},
         .v1 = cat(number, device.rate),
         // v1 takes zero for no limit, v2 refuses it.
         .v2 = cat(number, throttle.v2_key, "=", device.rate == 0 ? "max" : cat(device.rate))}));
  }
  return {};
}

Result<> add_block_io(const spec::BlockIo& io, CgroupWrites& writes) {
  if (io.weight.value_or(0) != 0)
    TRY(add_blkio_weight({.json = "blockIO.weight",
                          .v1 = "blkio.weight",
                          .v1_bfq = "blkio.bfq.weight",
                          .prefix = {},
                          .weight = *io.weight},
                         writes));
  if (io.leaf_weight.value_or(0) != 0)
    TRY(add_leaf_weight("blockIO.leafWeight", "blkio.leaf_weight", cat(*io.leaf_weight), writes));
  for (std::size_t i = 0; i < io.weight_device.size(); ++i)
    TRY(add_weight_device(io.weight_device[i], cat("blockIO.weightDevice[", i, "]"), writes));
  TRY(add_throttles(io.throttle_read_bps,
                    {"throttleReadBpsDevice", "blkio.throttle.read_bps_device", "rbps"}, writes));
  TRY(add_throttles(io.throttle_write_bps,
                    {"throttleWriteBpsDevice", "blkio.throttle.write_bps_device", "wbps"}, writes));
  TRY(add_throttles(io.throttle_read_iops,
                    {"throttleReadIOPSDevice", "blkio.throttle.read_iops_device", "riops"},
                    writes));
  return add_throttles(io.throttle_write_iops,
                       {"throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", "wiops"},
                       writes);
}

// ---- the rest --------------------------------------------------------------------------------

Result<> add_pids(std::int64_t limit, CgroupWrites& writes) {
  const std::string value = number_or_max(limit);
  return writes.add(
      {.json = "pids.limit", .knob = kPids, .v1 = value, .v2 = value, .may_be_absent = limit < 0});
}

Result<> add_hugepages(const std::vector<spec::HugepageLimit>& limits, CgroupWrites& writes) {
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const spec::HugepageLimit& limit = limits[i];
    const std::string json = cat("hugepageLimits[", i, "]");
    if (!is_page_size(limit.page_size))
      return bad_resource(cat(json, ".pageSize"),
                          cat("'", limit.page_size, "' is not a size such as 64KB, 2MB or 1GB"));
    const std::string file = cat("hugetlb.", limit.page_size), value = cat(limit.limit);
    const std::string v1 = file + ".limit_in_bytes", v2 = file + ".max";
    TRY(writes.add({.json = json, .knob = {"hugetlb", v1, v2}, .v1 = value, .v2 = value}));
    // Reservations can otherwise be made beyond the limit and end in SIGBUS. Linux 5.7.
    const std::string v1_rsvd = file + ".rsvd.limit_in_bytes", v2_rsvd = file + ".rsvd.max";
    TRY(writes.add({.json = json,
                    .knob = {"hugetlb", v1_rsvd, v2_rsvd},
                    .v1 = value,
                    .v2 = value,
                    .may_be_absent = true}));
  }
  return {};
}

Result<> add_network(const spec::NetworkResources& network, CgroupWrites& writes) {
  if (network.class_id.value_or(0) != 0)
    TRY(writes.add({.json = "network.classID", .knob = kClassId, .v1 = cat(*network.class_id)}));
  for (std::size_t i = 0; i < network.priorities.size(); ++i) {
    const spec::NetworkPriority& priority = network.priorities[i];
    TRY(writes.add({.json = cat("network.priorities[", i, "]"),
                    .knob = kPriorities,
                    .v1 = cat(priority.name, " ", priority.priority)}));
  }
  return {};
}

Result<> add_rdma(const std::map<std::string, spec::Rdma>& rdma, CgroupWrites& writes) {
  for (const auto& [device, limits] : rdma) {
    std::string value = device;
    if (limits.hca_handles) value += cat(" hca_handle=", *limits.hca_handles);
    if (limits.hca_objects) value += cat(" hca_object=", *limits.hca_objects);
    TRY(writes.add(
        {.json = cat("rdma.", device), .knob = kRdma, .v1 = value, .v2 = std::move(value)}));
  }
  return {};
}

// Files that take several lines take one a write.
Result<> add_unified(const spec::StringMap& unified, CgroupWrites& writes) {
  for (const auto& [key, value] : unified) {
    const std::string json = cat("unified.", key);
    if (!is_unified_key(key))
      return bad_resource(json, "not the name of a file with a limit, such as memory.high");
    const std::string_view controller = std::string_view(key).substr(0, key.find('.'));
    for (const std::string_view line : split(value, '\n'))
      if (!line.empty())
        TRY(writes.add(
            {.json = json, .knob = {controller, "", key}, .v1 = {}, .v2 = std::string(line)}));
  }
  return {};
}

}  // namespace

bool has_cgroup_limits(const spec::Resources& resources) {
  return resources.memory || resources.cpu || resources.pids_limit || resources.block_io ||
         resources.network || !resources.hugepage_limits.empty() || !resources.rdma.empty() ||
         !resources.unified.empty();
}

Result<std::vector<CgroupWrite>> plan_cgroup_limits(const spec::Resources& resources,
                                                    const CgroupPlaces& places) {
  CgroupWrites writes(places);
  if (resources.memory) TRY(add_memory(*resources.memory, writes));
  if (resources.memory) TRY(add_v1_memory(*resources.memory, writes));
  if (resources.cpu) TRY(add_cpu(*resources.cpu, writes));
  if (resources.pids_limit) TRY(add_pids(*resources.pids_limit, writes));
  if (resources.block_io) TRY(add_block_io(*resources.block_io, writes));
  TRY(add_hugepages(resources.hugepage_limits, writes));
  if (resources.network) TRY(add_network(*resources.network, writes));
  TRY(add_rdma(resources.rdma, writes));
  TRY(add_unified(resources.unified, writes));
  return writes.take();
}

}  // namespace brig
