// Reads JSON values into the types of spec/types.h. For each struct there is one function
// read_members(), a list of its members and nothing else; the rest is here.
#pragma once

#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/json.h"
#include "spec/findings.h"

namespace brig::spec {

// A value of the document together with its place.
class Reader {
 public:
  Reader(const json::Node& node, const Place& place) : node_(node), place_(place) {}
  // One that notes what it is asked for.
  Reader(const json::Node& node, const Place& place, std::vector<std::string_view>& asked)
      : node_(node), place_(place), asked_(&asked) {}
  [[nodiscard]] const json::Node& node() const { return node_; }
  [[nodiscard]] const Place& place() const { return place_; }

  // A member of this object. Absent and null are the same (as in Go), and leave `out` as it is.
  template <class T>
  void optional(std::string_view key, T& out) const {
    if (const json::Node* member = find(key)) read(Reader(*member, place_.at(key)), out);
  }
  template <class T>
  void required(std::string_view key, T& out) const {
    if (!has(key)) return place_.at(key).error("missing");
    optional(key, out);
  }
  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }

  // False, and a finding, when the value is of another kind.
  [[nodiscard]] bool expect(json::Kind kind) const;
  [[nodiscard]] bool expect_integer(std::int64_t min, std::uint64_t max) const;

 private:
  [[nodiscard]] const json::Node* find(std::string_view key) const;

  const json::Node& node_;
  const Place place_;
  std::vector<std::string_view>* asked_ = nullptr;
};

// Members of this object that are not among those which `ask` asks for (unknown_members.cc).
void report_unknown_members(const Reader& in, void (*ask)(const Reader&));

void read(const Reader& in, bool& out);
void read(const Reader& in, std::string& out);

template <std::integral T>
void read(const Reader& in, T& out) {
  using Limits = std::numeric_limits<T>;
  if (!in.expect_integer(Limits::min(), Limits::max())) return;
  const std::uint64_t magnitude = in.node().magnitude;
  out = static_cast<T>(in.node().negative ? ~magnitude + 1 : magnitude);
}

template <class T>
void read(const Reader& in, std::optional<T>& out) {
  read(in, out.emplace());
}

template <class T>
void read(const Reader& in, std::vector<T>& out) {
  if (!in.expect(json::Kind::Array)) return;
  const std::vector<json::Node>& items = in.node().items;
  out.resize(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) read(Reader(items[i], in.place().at(i)), out[i]);
}

template <class T>
void read(const Reader& in, std::map<std::string, T>& out) {
  if (!in.expect(json::Kind::Object)) return;
  for (const auto& [key, value] : in.node().members) {
    if (key.find('\0') != key.npos) in.place().at(key).error("contains a NUL byte");
    if (value.kind != json::Kind::Null) read(Reader(value, in.place().at(key)), out[key]);
  }
}

template <class T>
  requires std::is_aggregate_v<T>
void read(const Reader& in, T& out) {
  if (!in.expect(json::Kind::Object)) return;
  read_members(in, out);
  if (in.place().unknown_members() == UnknownMembers::Warned) [[unlikely]]
    report_unknown_members(in, [](const Reader& asked) {
      T nobodys{};
      read_members(asked, nobodys);
    });
}

}  // namespace brig::spec
