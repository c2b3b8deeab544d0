#include "linux/cgroup/devices/plan.h"

#include <array>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "linux/cgroup/devices/program.h"
#include "linux/cgroup/devices/rules.h"
#include "spec/types.h"

namespace brig {

namespace {

using Rules = std::vector<CgroupDeviceRule>;

constexpr CgroupDeviceRule allow_char(std::int64_t major, std::int64_t minor,
                                      std::uint8_t access = kDeviceAnyAccess) {
  return {.allow = true,
          .kind = CgroupDeviceKind::Char,
          .major = major,
          .minor = minor,
          .access = access};
}

// Images and engines count on these; mknod alone does not open what it makes.
constexpr std::array<CgroupDeviceRule, 11> kDefaultRules = {{
    allow_char(kAnyDeviceNumber, kAnyDeviceNumber, kDeviceMknod),
    {.allow = true, .kind = CgroupDeviceKind::Block, .access = kDeviceMknod},
    allow_char(1, 3),                   // null
    allow_char(1, 8),                   // random
    allow_char(1, 7),                   // full
    allow_char(5, 0),                   // tty
    allow_char(1, 5),                   // zero
    allow_char(1, 9),                   // urandom
    allow_char(136, kAnyDeviceNumber),  // pts/*
    allow_char(5, 2),                   // ptmx
    allow_char(10, 200),                // net/tun
}};

std::unexpected<Error> bad_rule(std::size_t index, std::string_view field, std::string_view what) {
  return fail(Errc::BadConfig, cat("linux.resources.devices[", index, "].", field, ": ", what));
}

Result<std::uint8_t> parse_access(std::string_view text, std::size_t index) {
  std::uint8_t access = 0;
  for (const char c : text) {
    if (c == 'r')
      access |= kDeviceRead;
    else if (c == 'w')
      access |= kDeviceWrite;
    else if (c == 'm')
      access |= kDeviceMknod;
    else
      return bad_rule(index, "access", cat("'", text, "' is not made of r, w and m"));
  }
  return access == 0 ? kDeviceAnyAccess : access;
}

Result<std::int64_t> device_number(const std::optional<std::int64_t>& number,
                                   std::string_view field, std::size_t index) {
  if (!number || *number == kAnyDeviceNumber) return kAnyDeviceNumber;
  if (*number < 0 || *number > std::numeric_limits<std::uint32_t>::max())
    return bad_rule(index, field, cat(*number, " is not a device number"));
  return *number;
}

Result<CgroupDeviceKind> parse_kind(std::string_view type, std::size_t index) {
  if (type.empty() || type == "a") return CgroupDeviceKind::All;
  if (type == "c") return CgroupDeviceKind::Char;
  if (type == "b") return CgroupDeviceKind::Block;
  return bad_rule(index, "type", cat("'", type, "' is none of a, b and c"));
}

Result<> add_rule(const spec::DeviceRule& from, std::size_t index, Rules& rules) {
  CgroupDeviceRule rule{.allow = from.allow};
  rule.kind = TRY(parse_kind(from.type, index));
  rule.major = TRY(device_number(from.major, "major", index));
  rule.minor = TRY(device_number(from.minor, "minor", index));
  rule.access = TRY(parse_access(from.access, index));
  const bool everything = rule.major == kAnyDeviceNumber && rule.minor == kAnyDeviceNumber &&
                          rule.access == kDeviceAnyAccess;
  if (rule.kind != CgroupDeviceKind::All || everything) {
    rules.push_back(rule);
    return {};
  }
  // "All types" with numbers or some of the accesses is two rules, not a new start for all.
  for (const CgroupDeviceKind kind : {CgroupDeviceKind::Char, CgroupDeviceKind::Block}) {
    rule.kind = kind;
    rules.push_back(rule);
  }
  return {};
}

Result<Rules> plan_rules(const spec::Resources& resources) {
  Rules rules;
  for (std::size_t i = 0; i < resources.devices.size(); ++i)
    TRY(add_rule(resources.devices[i], i, rules));
  rules.insert(rules.end(), kDefaultRules.begin(), kDefaultRules.end());
  return reduce_device_rules(rules);
}

Result<CgroupDevicePlan> plan_enforcement(Rules rules, const CgroupPlaces& places) {
  CgroupDevicePlan plan{.rules = std::move(rules)};
  const std::optional<std::int32_t> v1 = places.place_of("devices");
  if (v1 && *v1 != kCgroupV2)
    plan.writes = TRY(v1_device_writes(plan.rules, *v1));
  else if (!places.paths.v2.empty())
    plan.program = device_program(plan.rules);
  return plan;
}

}  // namespace

Result<CgroupDevicePlan> plan_cgroup_devices(const spec::Resources& resources,
                                             const CgroupPlaces& places) {
  Rules rules = TRY(plan_rules(resources));
  if (allows_every_device(rules)) return CgroupDevicePlan{};
  return plan_enforcement(std::move(rules), places);
}

Result<CgroupDevicePlan> plan_device_update(const spec::Resources& resources,
                                            const CgroupPlaces& places) {
  Rules rules = TRY(plan_rules(resources));
  return plan_enforcement(std::move(rules), places);
}

}  // namespace brig
