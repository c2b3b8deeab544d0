#include "spec/update.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "spec/load.h"
#include "spec/validate.h"

namespace brig::spec {
namespace {

template <class T>
void take(std::optional<T>& into, const std::optional<T>& change) {
  if (change) into = change;
}
void take(std::string& into, const std::string& change) {
  if (!change.empty()) into = change;
}

template <class T>
void forget_zero(std::optional<T>& value) {
  if (value && *value == 0) value.reset();
}

// ---- zero is not a value ---------------------------------------------------------------------

// As for a new container (linux/cgroup/resources); kept values must not be overwritten with it.
void forget_zeros(Resources& changes) {
  if (changes.memory) {
    Memory& memory = *changes.memory;
    for (auto* size :
         {&memory.limit, &memory.reservation, &memory.swap, &memory.kernel, &memory.kernel_tcp})
      forget_zero(*size);
  }
  if (changes.cpu) {
    Cpu& cpu = *changes.cpu;
    for (auto* number : {&cpu.shares, &cpu.period, &cpu.realtime_period}) forget_zero(*number);
    for (auto* number : {&cpu.quota, &cpu.realtime_runtime}) forget_zero(*number);
  }
  if (changes.block_io) forget_zero(changes.block_io->weight);
  if (changes.block_io) forget_zero(changes.block_io->leaf_weight);
  if (changes.network) forget_zero(changes.network->class_id);
}

// ---- one section after the other -------------------------------------------------------------

void merge(Memory& into, const Memory& change) {
  take(into.limit, change.limit);
  take(into.reservation, change.reservation);
  take(into.swap, change.swap);
  // Swap counts memory too: without a limit for that there is none for both.
  if (change.limit == -1 && !change.swap) into.swap = -1;
  take(into.kernel, change.kernel);
  take(into.kernel_tcp, change.kernel_tcp);
  take(into.swappiness, change.swappiness);
  take(into.disable_oom_killer, change.disable_oom_killer);
  take(into.use_hierarchy, change.use_hierarchy);
  take(into.check_before_update, change.check_before_update);
}

void merge(Cpu& into, const Cpu& change) {
  // An idle group has no weight.
  if (change.idle && !change.shares) into.shares.reset();
  take(into.shares, change.shares);
  take(into.quota, change.quota);
  take(into.burst, change.burst);
  take(into.period, change.period);
  take(into.realtime_runtime, change.realtime_runtime);
  take(into.realtime_period, change.realtime_period);
  take(into.cpus, change.cpus);
  take(into.mems, change.mems);
  take(into.idle, change.idle);
}

bool same_key(const WeightDevice& a, const WeightDevice& b) {
  return a.major == b.major && a.minor == b.minor;
}
bool same_key(const ThrottleDevice& a, const ThrottleDevice& b) {
  return a.major == b.major && a.minor == b.minor;
}
bool same_key(const HugepageLimit& a, const HugepageLimit& b) {
  return a.page_size == b.page_size;
}
bool same_key(const NetworkPriority& a, const NetworkPriority& b) {
  return a.name == b.name;
}

template <class T>
void merge(T& into, const T& change) {
  into = change;
}
void merge(WeightDevice& into, const WeightDevice& change) {
  take(into.weight, change.weight);
  take(into.leaf_weight, change.leaf_weight);
}

template <class T>
void merge(std::vector<T>& into, const std::vector<T>& changes) {
  for (const T& change : changes) {
    const auto known =
        std::ranges::find_if(into, [&](const T& each) { return same_key(each, change); });
    if (known == into.end())
      into.push_back(change);
    else
      merge(*known, change);
  }
}

void merge(BlockIo& into, const BlockIo& change) {
  take(into.weight, change.weight);
  take(into.leaf_weight, change.leaf_weight);
  merge(into.weight_device, change.weight_device);
  merge(into.throttle_read_bps, change.throttle_read_bps);
  merge(into.throttle_write_bps, change.throttle_write_bps);
  merge(into.throttle_read_iops, change.throttle_read_iops);
  merge(into.throttle_write_iops, change.throttle_write_iops);
}

void merge(NetworkResources& into, const NetworkResources& change) {
  take(into.class_id, change.class_id);
  merge(into.priorities, change.priorities);
}

void merge(Rdma& into, const Rdma& change) {
  take(into.hca_handles, change.hca_handles);
  take(into.hca_objects, change.hca_objects);
}

template <class T>
void merge_section(std::optional<T>& into, const std::optional<T>& change) {
  if (!change) return;
  if (!into) into.emplace();
  merge(*into, *change);
}

// ---- what does not go together ---------------------------------------------------------------

std::unexpected<Error> bad_update(std::string_view path, std::string_view what) {
  return fail(Errc::BadConfig, cat("linux.resources.", path, ": ", what));
}

Result<> check_together(const Resources& after, const Resources& changes) {
  if (after.cpu && changes.cpu && changes.cpu->shares && after.cpu->idle == 1)
    return bad_update("cpu.shares", "an idle container has none (cpu.idle is 1)");
  Findings findings;
  validate_resources(after, Place(findings));
  for (const Finding& finding : findings)
    if (!finding.warning) return bad_update(finding.path, finding.what);
  return {};
}

}  // namespace

Result<ResourceUpdate> load_update(const Source& source, std::vector<std::string>& warnings) {
  ResourceUpdate update;
  update.changes = TRY(load_resources(source, warnings));
  const json::Node root = TRY(json::parse(source.bytes));
  const json::Node* devices = root.find("devices");
  update.replaces_devices = devices != nullptr && devices->kind == json::Kind::Array;
  forget_zero(update.changes.pids_limit);
  return update;
}

Result<Resources> merge_resources(const Resources& before, const ResourceUpdate& update) {
  Resources after = before;
  Resources changes = update.changes;
  forget_zeros(changes);
  if (update.replaces_devices) after.devices = changes.devices;
  merge_section(after.memory, changes.memory);
  merge_section(after.cpu, changes.cpu);
  take(after.pids_limit, changes.pids_limit);
  merge_section(after.block_io, changes.block_io);
  merge(after.hugepage_limits, changes.hugepage_limits);
  merge_section(after.network, changes.network);
  for (const auto& [device, limits] : changes.rdma) merge(after.rdma[device], limits);
  for (const auto& [file, value] : changes.unified) after.unified[file] = value;
  TRY(check_together(after, changes));
  return after;
}

Resources resources_to_write(const ResourceUpdate& update, const Resources& after) {
  Resources writes = update.changes;
  forget_zeros(writes);
  if (writes.memory && (writes.memory->limit || writes.memory->swap)) {
    writes.memory->limit = after.memory->limit;
    writes.memory->swap = after.memory->swap;
  }
  if (writes.cpu && (writes.cpu->quota || writes.cpu->period)) {
    writes.cpu->quota = after.cpu->quota;
    writes.cpu->period = after.cpu->period;
  }
  if (writes.cpu && (writes.cpu->realtime_runtime || writes.cpu->realtime_period)) {
    writes.cpu->realtime_runtime = after.cpu->realtime_runtime;
    writes.cpu->realtime_period = after.cpu->realtime_period;
  }
  return writes;
}

}  // namespace brig::spec
