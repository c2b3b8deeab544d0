// Values as D-Bus types them, and the properties of units that are made of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brig {

struct DbusValue {
  std::string signature;         // of one complete type: "t", "as", "a(sv)", "v"
  std::uint64_t number = 0;      // numbers and booleans, by their bits
  std::string text;              // strings, object paths, signatures
  std::vector<DbusValue> items;  // of an array or a structure; the one of a variant
  bool operator==(const DbusValue&) const = default;
};

// A property of a unit, as StartTransientUnit and SetUnitProperties take it.
struct SystemdProperty {
  std::string name;
  DbusValue value;
  // What it says is also written into the cgroup's files: a systemd that does not know it (yet)
  // may go without.
  bool has_file = false;
  bool operator==(const SystemdProperty&) const = default;
};

namespace dbus {

inline DbusValue text(std::string_view value) {
  return {.signature = "s", .text = std::string(value)};
}
inline DbusValue boolean(bool value) {
  return {.signature = "b", .number = value ? 1U : 0U};
}
inline DbusValue uint32(std::uint32_t value) {
  return {.signature = "u", .number = value};
}
inline DbusValue uint64(std::uint64_t value) {
  return {.signature = "t", .number = value};
}
inline DbusValue variant(DbusValue value) {
  DbusValue made{.signature = "v"};
  made.items.push_back(std::move(value));
  return made;
}
// {"s", "v"} -> "(sv)"
inline DbusValue structure(std::vector<DbusValue> members) {
  DbusValue made{.signature = "("};
  for (const DbusValue& member : members) made.signature += member.signature;
  made.signature += ')';
  made.items = std::move(members);
  return made;
}
inline DbusValue array(std::string_view of, std::vector<DbusValue> items) {
  return {.signature = "a" + std::string(of), .items = std::move(items)};
}
inline DbusValue strings(const std::vector<std::string>& values) {
  DbusValue made{.signature = "as"};
  for (const std::string& value : values) made.items.push_back(text(value));
  return made;
}
inline DbusValue bytes(const std::vector<std::uint8_t>& values) {
  DbusValue made{.signature = "ay"};
  for (const std::uint8_t value : values) made.items.push_back({.signature = "y", .number = value});
  return made;
}

}  // namespace dbus

}  // namespace brig
