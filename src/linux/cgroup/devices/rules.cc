#include "linux/cgroup/devices/rules.h"

#include <algorithm>
#include <string>

namespace brig {

namespace {

using Rules = std::vector<CgroupDeviceRule>;

bool number_covers(std::int64_t wide, std::int64_t narrow) {
  return wide == kAnyDeviceNumber || wide == narrow;
}
bool numbers_meet(std::int64_t a, std::int64_t b) {
  return number_covers(a, b) || number_covers(b, a);
}

bool devices_cover(const CgroupDeviceRule& wide, const CgroupDeviceRule& narrow) {
  return wide.kind == narrow.kind && number_covers(wide.major, narrow.major) &&
         number_covers(wide.minor, narrow.minor);
}
bool devices_meet(const CgroupDeviceRule& a, const CgroupDeviceRule& b) {
  return a.kind == b.kind && numbers_meet(a.major, b.major) && numbers_meet(a.minor, b.minor);
}
bool same_devices(const CgroupDeviceRule& a, const CgroupDeviceRule& b) {
  return a.kind == b.kind && a.major == b.major && a.minor == b.minor;
}

std::uint8_t without(std::uint8_t access, std::uint8_t taken) {
  return static_cast<std::uint8_t>(access & ~taken);
}

bool is_covered(const CgroupDeviceRule& rule, Rules::const_iterator later,
                Rules::const_iterator end) {
  return std::any_of(later, end, [&](const CgroupDeviceRule& other) {
    return devices_cover(other, rule) && without(rule.access, other.access) == 0;
  });
}

std::string number_text(std::int64_t number) {
  return number == kAnyDeviceNumber ? "*" : cat(number);
}

// "c 1:3 rwm", as devices.allow takes it.
std::string rule_text(const CgroupDeviceRule& rule) {
  if (rule.kind == CgroupDeviceKind::All) return "a";
  std::string text = cat(rule.kind == CgroupDeviceKind::Char ? "c " : "b ", number_text(rule.major),
                         ":", number_text(rule.minor), " ");
  if ((rule.access & kDeviceRead) != 0) text += 'r';
  if ((rule.access & kDeviceWrite) != 0) text += 'w';
  if ((rule.access & kDeviceMknod) != 0) text += 'm';
  return text;
}

// A model of the kernel's state of one v1 devices cgroup (security/device_cgroup.c).
struct V1State {
  bool allow = false;  // the default; exceptions are the opposite
  Rules exceptions;
};

void add_exception(V1State& state, const CgroupDeviceRule& rule) {
  for (CgroupDeviceRule& known : state.exceptions)
    if (same_devices(known, rule)) {
      known.access |= rule.access;
      return;
    }
  state.exceptions.push_back(rule);
}

Result<> take_from_exceptions(V1State& state, const CgroupDeviceRule& rule) {
  for (CgroupDeviceRule& known : state.exceptions) {
    if (!devices_meet(known, rule) || (known.access & rule.access) == 0) continue;
    if (!devices_cover(rule, known))
      return fail(Errc::Unsupported,
                  cat("linux.resources.devices: cgroup v1 cannot make '", rule_text(rule),
                      "' an exception from '", rule_text(known), "'"));
    known.access = without(known.access, rule.access);
  }
  std::erase_if(state.exceptions, [](const CgroupDeviceRule& known) { return known.access == 0; });
  return {};
}

// An access of several kinds (opening for reading and writing) has to be allowed by one
// exception as a whole: a narrow one gets what a wider one gives it anyway.
void widen_allowed(Rules& exceptions) {
  for (CgroupDeviceRule& narrow : exceptions)
    for (const CgroupDeviceRule& wide : exceptions)
      if (devices_cover(wide, narrow)) narrow.access |= wide.access;
}

}  // namespace

std::string describe(const CgroupDeviceRule& rule) {
  return cat(rule.allow ? "allow " : "deny ", rule_text(rule));
}

Rules reduce_device_rules(const Rules& rules) {
  const auto is_reset = [](const CgroupDeviceRule& rule) {
    return rule.kind == CgroupDeviceKind::All;
  };
  const auto last_reset = std::find_if(rules.rbegin(), rules.rend(), is_reset);
  const bool allow_by_default = last_reset != rules.rend() && last_reset->allow;
  Rules reduced;
  if (allow_by_default) reduced.push_back(*last_reset);  // "deny" is where everybody starts
  for (auto rule = last_reset.base(); rule != rules.end(); ++rule)
    if (!is_covered(*rule, rule + 1, rules.end())) reduced.push_back(*rule);
  return reduced;
}

bool allows_every_device(const Rules& reduced) {
  return !reduced.empty() && reduced[0].kind == CgroupDeviceKind::All &&
         std::all_of(reduced.begin(), reduced.end(),
                     [](const CgroupDeviceRule& rule) { return rule.allow; });
}

Result<std::vector<CgroupWrite>> v1_device_writes(const Rules& rules, std::int32_t hierarchy) {
  V1State state;
  for (const CgroupDeviceRule& rule : rules) {
    if (rule.kind == CgroupDeviceKind::All)
      state = {.allow = rule.allow, .exceptions = {}};
    else if (rule.allow == state.allow)
      TRY(take_from_exceptions(state, rule));
    else
      add_exception(state, rule);
  }
  if (!state.allow) widen_allowed(state.exceptions);

  std::vector<CgroupWrite> writes;
  const auto add = [&](bool allow, std::string value) {
    writes.push_back({.hierarchy = hierarchy,
                      .file = allow ? "devices.allow" : "devices.deny",
                      .value = std::move(value),
                      .json_path = "linux.resources.devices"});
  };
  add(state.allow, "a");  // a new cgroup starts as a copy of its parent
  for (const CgroupDeviceRule& exception : state.exceptions)
    add(!state.allow, rule_text(exception));
  return writes;
}

}  // namespace brig
