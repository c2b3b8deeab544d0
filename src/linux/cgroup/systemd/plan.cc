#include "linux/cgroup/systemd/plan.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "base/host_paths.h"
#include "linux/cgroup/parse.h"
#include "linux/cgroup/resources/convert.h"
#include "linux/cgroup/systemd/gvariant.h"
#include "linux/cpu_list.h"
#include "spec/annotations.h"
#include "spec/types.h"

namespace brig {

namespace {

using Properties = std::vector<SystemdProperty>;

constexpr std::uint64_t kInfinity = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kSecond = 1'000'000;  // in microseconds
constexpr std::uint64_t kQuotaStep = 10'000;  // systemd counts whole hundredths of a processor
constexpr std::uint64_t kDefaultPeriod = 100'000;
constexpr std::string_view kAnnotationPrefix = spec::annotation::kSystemdProperty;

// A later value wins: systemd would append to a list that is given twice.
void set(Properties& properties, SystemdProperty property) {
  const auto same = std::find_if(properties.begin(), properties.end(),
                                 [&](const SystemdProperty& p) { return p.name == property.name; });
  if (same != properties.end())
    *same = std::move(property);
  else
    properties.push_back(std::move(property));
}

void set_limit(Properties& properties, std::string_view name, std::uint64_t value) {
  set(properties, {.name = std::string(name), .value = dbus::uint64(value), .has_file = true});
}

std::uint64_t or_infinity(std::int64_t size) {
  return size < 0 ? kInfinity : static_cast<std::uint64_t>(size);
}

// ---- limits ----------------------------------------------------------------------------------

void add_v2_memory(const spec::Memory& memory, Properties& properties) {
  const std::int64_t limit = memory.limit.value_or(0), swap = memory.swap.value_or(0);
  if (limit != 0) set_limit(properties, "MemoryMax", or_infinity(limit));
  if (const std::int64_t low = memory.reservation.value_or(0); low != 0)
    set_limit(properties, "MemoryLow", or_infinity(low));
  // The specification counts memory and swap together, v2 swap alone.
  if (swap > 0 && limit > 0)
    set_limit(properties, "MemorySwapMax", static_cast<std::uint64_t>(swap - limit));
  else if (swap != 0 || limit == -1)
    set_limit(properties, "MemorySwapMax", kInfinity);
}

// systemd keeps whole hundredths of a second of processor time a second; rounded up, so that a
// reload never takes more than that.
std::uint64_t quota_per_second(std::uint64_t quota, std::uint64_t period) {
  if (quota > kInfinity / kSecond) return kInfinity;
  const std::uint64_t exact = quota * kSecond / period;
  return (exact + kQuotaStep - 1) / kQuotaStep * kQuotaStep;
}

void add_bandwidth(std::int64_t quota, std::uint64_t period, Properties& properties) {
  if (quota == 0 && period == 0) return;
  if (period == 0) period = kDefaultPeriod;
  set_limit(properties, "CPUQuotaPeriodUSec", period);
  set_limit(properties, "CPUQuotaPerSecUSec",
            quota > 0 ? quota_per_second(static_cast<std::uint64_t>(quota), period) : kInfinity);
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  if (error != std::errc() || end != text.end()) return std::nullopt;
  return number;
}

Result<> add_mask(std::string_view name, std::string_view list, std::string_view json_path,
                  Properties& properties) {
  if (list.empty()) return {};
  const auto mask = mask_of_list(list);
  if (!mask)
    return fail(Errc::BadConfig, cat(json_path, ": '", list, "' is not a list such as 0-3,7"));
  set(properties, {.name = std::string(name), .value = dbus::bytes(*mask), .has_file = true});
  return {};
}

Result<> add_v2_cpu(const spec::Cpu& cpu, Properties& properties) {
  if (const std::uint64_t shares = cpu.shares.value_or(0); shares != 0)
    set_limit(properties, "CPUWeight", cpu_weight_of_shares(shares));
  if (cpu.idle == 1) set_limit(properties, "CPUWeight", 0);  // "idle", systemd 252
  add_bandwidth(cpu.quota.value_or(0), cpu.period.value_or(0), properties);
  TRY(add_mask("AllowedCPUs", cpu.cpus, "linux.resources.cpu.cpus", properties));
  return add_mask("AllowedMemoryNodes", cpu.mems, "linux.resources.cpu.mems", properties);
}

void add_v2_io(const spec::BlockIo& io, Properties& properties) {
  if (io.weight.value_or(0) != 0) set_limit(properties, "IOWeight", io_weight_of_blkio(*io.weight));
  std::vector<DbusValue> devices;
  for (const spec::WeightDevice& device : io.weight_device)
    if (device.weight.value_or(0) != 0)
      devices.push_back(dbus::structure(
          {dbus::text(cat(host_paths::kDev, "/block/", device.major, ":", device.minor)),
           dbus::uint64(io_weight_of_blkio(*device.weight))}));
  if (!devices.empty())
    set(properties, {.name = "IODeviceWeight",
                     .value = dbus::array("(st)", std::move(devices)),
                     .has_file = true});
}

// systemd refuses 0, and a container's first process counts: 1 is as good, nobody can fork.
void add_pids(std::int64_t limit, Properties& properties) {
  set_limit(properties, "TasksMax", limit == 0 ? 1 : or_infinity(limit));
}

struct UnifiedLimit {
  std::string_view file, property;
};
constexpr UnifiedLimit kUnifiedLimits[] = {
    {"cpu.weight", "CPUWeight"},
    {"memory.high", "MemoryHigh"},
    {"memory.low", "MemoryLow"},
    {"memory.max", "MemoryMax"},
    {"memory.min", "MemoryMin"},
    {"memory.swap.max", "MemorySwapMax"},
    {"memory.zswap.max", "MemoryZSwapMax"},
    {"pids.max", "TasksMax"},
};

std::optional<std::uint64_t> number_or_infinity(std::string_view text) {
  return text == "max" ? kInfinity : number_of(text);
}

// "QUOTA PERIOD", "max"
void add_unified_bandwidth(std::string_view text, Properties& properties) {
  const std::vector<std::string> words = words_of(text);
  if (words.empty()) return;
  const std::uint64_t period = words.size() < 2 ? 0 : number_of(words[1]).value_or(0);
  const auto quota = static_cast<std::int64_t>(number_of(words[0]).value_or(0));
  add_bandwidth(quota, period == 0 ? kDefaultPeriod : period, properties);
}

// What is no number here has its error from the kernel, which gets it too.
Result<> add_unified(const spec::StringMap& unified, Properties& properties) {
  for (const UnifiedLimit& limit : kUnifiedLimits)
    if (const auto found = unified.find(std::string(limit.file)); found != unified.end())
      if (const std::optional<std::uint64_t> number = number_or_infinity(found->second))
        set_limit(properties, limit.property, *number);
  if (const auto idle = unified.find("cpu.idle"); idle != unified.end() && idle->second == "1")
    set_limit(properties, "CPUWeight", 0);
  if (const auto max = unified.find("cpu.max"); max != unified.end())
    add_unified_bandwidth(max->second, properties);
  for (const auto& [file, property] :
       {UnifiedLimit{"cpuset.cpus", "AllowedCPUs"}, {"cpuset.mems", "AllowedMemoryNodes"}})
    if (const auto found = unified.find(std::string(file)); found != unified.end())
      TRY(add_mask(property, found->second, cat("linux.resources.unified.", file), properties));
  return {};
}

// Only what systemd still knows of v1.
void add_v1_limits(const spec::Resources& resources, Properties& properties) {
  if (resources.memory && resources.memory->limit.value_or(0) != 0)
    set_limit(properties, "MemoryLimit", or_infinity(*resources.memory->limit));
  if (resources.cpu) {
    if (const std::uint64_t shares = resources.cpu->shares.value_or(0); shares != 0)
      set_limit(properties, "CPUShares", shares);
    add_bandwidth(resources.cpu->quota.value_or(0), resources.cpu->period.value_or(0), properties);
  }
  if (resources.block_io && resources.block_io->weight.value_or(0) != 0)
    set_limit(properties, "BlockIOWeight", *resources.block_io->weight);
}

// ---- devices ---------------------------------------------------------------------------------

// systemd finds numbers that are not in /dev by these links, which need not exist; a whole
// major by its number or, for the one that old versions know by name only, by name.
std::string device_specifier(const CgroupDeviceRule& rule) {
  const std::string_view kind = rule.kind == CgroupDeviceKind::Block ? "block" : "char";
  if (rule.major == kAnyDeviceNumber) return cat(kind, "-*");
  if (rule.minor != kAnyDeviceNumber)
    return cat(host_paths::kDev, "/", kind, "/", rule.major, ":", rule.minor);
  if (rule.major == 136) return cat(kind, "-pts");
  return cat(kind, "-", rule.major);
}

std::string access_letters(std::uint8_t access) {
  std::string letters;
  if ((access & kDeviceRead) != 0) letters += 'r';
  if ((access & kDeviceWrite) != 0) letters += 'w';
  if ((access & kDeviceMknod) != 0) letters += 'm';
  return letters;
}

// Without these systemd would allow everything again whenever it writes devices.allow anew.
void add_devices(const std::vector<CgroupDeviceRule>& rules, Properties& properties) {
  if (rules.empty()) return;
  std::vector<DbusValue> allowed;
  for (const CgroupDeviceRule& rule : rules) {
    if (!rule.allow) continue;
    if (rule.kind == CgroupDeviceKind::All) return;
    allowed.push_back(dbus::structure(
        {dbus::text(device_specifier(rule)), dbus::text(access_letters(rule.access))}));
  }
  set(properties, {.name = "DevicePolicy", .value = dbus::text("strict")});
  set(properties, {.name = "DeviceAllow", .value = dbus::array("(ss)", std::move(allowed))});
}

// ---- the unit itself -------------------------------------------------------------------------

void add_fixed(const SystemdUnit& unit, const SystemdFacts& facts, Properties& properties) {
  set(properties, {.name = "Description", .value = dbus::text(cat("brig container ", facts.id))});
  // Not stopped with the basic system, but when the engine says so.
  set(properties, {.name = "DefaultDependencies", .value = dbus::boolean(false)});
  // Otherwise a container that ran out of memory leaves a failed unit. systemd 236.
  set(properties,
      {.name = "CollectMode", .value = dbus::text("inactive-or-failed"), .has_file = true});
  if (is_slice(unit)) {
    set(properties, {.name = "Wants", .value = dbus::strings({unit.slice})});
    for (const std::string_view name :
         {"CPUAccounting", "MemoryAccounting", "TasksAccounting",
          facts.mode == CgroupMode::V2 ? "IOAccounting" : "BlockIOAccounting"})
      set(properties, {.name = std::string(name), .value = dbus::boolean(true), .has_file = true});
    return;
  }
  set(properties, {.name = "Slice", .value = dbus::text(unit.slice)});
  // Every controller there is, and no further interest of systemd's in what is below.
  set(properties, {.name = "Delegate", .value = dbus::boolean(true)});
  // A configuration without a limit means none, not systemd's default for everybody.
  add_pids(-1, properties);
}

std::unexpected<Error> bad_annotation(const std::string& name, std::string_view what) {
  return fail(Errc::BadConfig, cat("annotations[\"", name, "\"]: ", what));
}

bool is_property_name(std::string_view name) {
  return name.size() >= 3 && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

// "TimeoutStopSec" is what unit files have; over D-Bus it is microseconds.
Result<SystemdProperty> in_microseconds(const std::string& annotation, SystemdProperty property) {
  const DbusValue& value = property.value;
  if (!std::string_view("ynqiuxt").contains(value.signature))
    return bad_annotation(annotation, "a time in seconds is an integer");
  const bool negative = value.signature != "t" && static_cast<std::int64_t>(value.number) < 0;
  if (negative || value.number > kInfinity / kSecond)
    return bad_annotation(annotation, "the number of seconds is out of range");
  property.name.replace(property.name.size() - 3, 3, "USec");
  property.value = dbus::uint64(value.number * kSecond);
  return property;
}

Result<SystemdProperty> property_of(const std::string& annotation, const std::string& text) {
  SystemdProperty property{.name = annotation.substr(kAnnotationPrefix.size())};
  if (!is_property_name(property.name))
    return bad_annotation(annotation, cat("'", property.name, "' is not the name of a property"));
  Result<DbusValue> value = parse_gvariant(text);
  if (!value) return bad_annotation(annotation, cat("'", text, "': ", value.error().message()));
  property.value = std::move(*value);
  if (property.name.ends_with("Sec") && !property.name.ends_with("USec"))
    return in_microseconds(annotation, std::move(property));
  return property;
}

}  // namespace

Result<std::vector<SystemdProperty>> plan_systemd_properties(const spec::Resources& resources,
                                                             CgroupMode mode) {
  Properties properties;
  if (mode == CgroupMode::V2) {
    if (resources.memory) add_v2_memory(*resources.memory, properties);
    if (resources.cpu) TRY(add_v2_cpu(*resources.cpu, properties));
    if (resources.block_io) add_v2_io(*resources.block_io, properties);
  } else {
    add_v1_limits(resources, properties);
  }
  if (resources.pids_limit) add_pids(*resources.pids_limit, properties);
  if (mode == CgroupMode::V2) TRY(add_unified(resources.unified, properties));
  return properties;
}

Result<SystemdPlan> plan_systemd(const SystemdUnit& unit, const spec::Resources& resources,
                                 const Annotations& annotations, const SystemdFacts& facts) {
  SystemdPlan plan{.unit = unit};
  add_fixed(unit, facts, plan.properties);
  std::vector<SystemdProperty> limits = TRY(plan_systemd_properties(resources, facts.mode));
  for (SystemdProperty& limit : limits) set(plan.properties, std::move(limit));
  if (facts.mode != CgroupMode::V2) add_devices(facts.device_rules, plan.properties);
  for (const auto& [name, text] : annotations) {
    if (!name.starts_with(kAnnotationPrefix)) continue;
    SystemdProperty property = TRY(property_of(name, text));
    set(plan.properties, std::move(property));
  }
  return plan;
}

}  // namespace brig
