#include "spec/parse_sections.h"

namespace brig::spec {
namespace {

struct Pids {
  std::optional<std::int64_t> limit;
};

}  // namespace

static void read_members(const Reader& in, DeviceRule& out) {
  in.required("allow", out.allow);
  in.optional("type", out.type);
  in.optional("major", out.major);
  in.optional("minor", out.minor);
  in.optional("access", out.access);
}

static void read_members(const Reader& in, Memory& out) {
  in.optional("limit", out.limit);
  in.optional("reservation", out.reservation);
  in.optional("swap", out.swap);
  in.optional("kernel", out.kernel);
  in.optional("kernelTCP", out.kernel_tcp);
  in.optional("swappiness", out.swappiness);
  in.optional("disableOOMKiller", out.disable_oom_killer);
  in.optional("useHierarchy", out.use_hierarchy);
  in.optional("checkBeforeUpdate", out.check_before_update);
}

static void read_members(const Reader& in, Cpu& out) {
  in.optional("shares", out.shares);
  in.optional("quota", out.quota);
  in.optional("burst", out.burst);
  in.optional("period", out.period);
  in.optional("realtimeRuntime", out.realtime_runtime);
  in.optional("realtimePeriod", out.realtime_period);
  in.optional("cpus", out.cpus);
  in.optional("mems", out.mems);
  in.optional("idle", out.idle);
}

static void read_members(const Reader& in, WeightDevice& out) {
  in.required("major", out.major);
  in.required("minor", out.minor);
  in.optional("weight", out.weight);
  in.optional("leafWeight", out.leaf_weight);
}

static void read_members(const Reader& in, ThrottleDevice& out) {
  in.required("major", out.major);
  in.required("minor", out.minor);
  in.required("rate", out.rate);
}

static void read_members(const Reader& in, BlockIo& out) {
  in.optional("weight", out.weight);
  in.optional("leafWeight", out.leaf_weight);
  in.optional("weightDevice", out.weight_device);
  in.optional("throttleReadBpsDevice", out.throttle_read_bps);
  in.optional("throttleWriteBpsDevice", out.throttle_write_bps);
  in.optional("throttleReadIOPSDevice", out.throttle_read_iops);
  in.optional("throttleWriteIOPSDevice", out.throttle_write_iops);
}

static void read_members(const Reader& in, HugepageLimit& out) {
  in.required("pageSize", out.page_size);
  in.required("limit", out.limit);
}

static void read_members(const Reader& in, NetworkPriority& out) {
  in.required("name", out.name);
  in.required("priority", out.priority);
}

static void read_members(const Reader& in, NetworkResources& out) {
  in.optional("classID", out.class_id);
  in.optional("priorities", out.priorities);
}

// The specification calls the limit required; since 1.3 Go clients leave it out when they have
// none to set.
static void read_members(const Reader& in, Pids& out) {
  in.optional("limit", out.limit);
}

static void read_members(const Reader& in, Rdma& out) {
  in.optional("hcaHandles", out.hca_handles);
  in.optional("hcaObjects", out.hca_objects);
}

void read_members(const Reader& in, Resources& out) {
  in.optional("devices", out.devices);
  in.optional("memory", out.memory);
  in.optional("cpu", out.cpu);
  Pids pids;
  in.optional("pids", pids);
  out.pids_limit = pids.limit;
  in.optional("blockIO", out.block_io);
  in.optional("hugepageLimits", out.hugepage_limits);
  in.optional("network", out.network);
  in.optional("rdma", out.rdma);
  in.optional("unified", out.unified);
}

}  // namespace brig::spec
