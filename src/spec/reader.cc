#include "spec/reader.h"

#include <utility>

namespace brig::spec {
namespace {

std::string_view name_of(json::Kind kind) {
  switch (kind) {
    case json::Kind::Null:
      return "null";
    case json::Kind::Bool:
      return "a boolean";
    case json::Kind::Integer:
      return "an integer";
    case json::Kind::Real:
      return "a number";
    case json::Kind::String:
      return "a string";
    case json::Kind::Array:
      return "an array";
    case json::Kind::Object:
      return "an object";
  }
  std::unreachable();
}

bool is_number(json::Kind kind) {
  return kind == json::Kind::Integer || kind == json::Kind::Real;
}

// The number as the document has it.
std::string written(const json::Node& number) {
  constexpr std::size_t kLongEnough = 40;
  if (number.kind == json::Kind::Integer) return cat(number.negative ? "-" : "", number.magnitude);
  if (number.text.size() <= kLongEnough) return number.text;
  return number.text.substr(0, kLongEnough) + "...";
}

bool within(const json::Node& number, std::int64_t min, std::uint64_t max) {
  if (!number.negative) return number.magnitude <= max;
  return number.magnitude <= ~static_cast<std::uint64_t>(min) + 1;
}

}  // namespace

const json::Node* Reader::find(std::string_view key) const {
  if (asked_ != nullptr) [[unlikely]]
    asked_->push_back(key);
  const json::Node* member = node_.find(key);
  return member != nullptr && member->kind != json::Kind::Null ? member : nullptr;
}

bool Reader::expect(json::Kind kind) const {
  if (node_.kind == kind) [[likely]]
    return true;
  place_.error("expected ", name_of(kind), ", got ", name_of(node_.kind));
  return false;
}

bool Reader::expect_integer(std::int64_t min, std::uint64_t max) const {
  if (node_.kind == json::Kind::Integer && within(node_, min, max)) [[likely]]
    return true;
  if (!is_number(node_.kind)) return expect(json::Kind::Integer);
  place_.error("expected an integer from ", min, " to ", max, ", got ", written(node_));
  return false;
}

void read(const Reader& in, bool& out) {
  if (in.expect(json::Kind::Bool)) out = in.node().boolean;
}

// The kernel takes strings up to their first NUL: what a check sees and what the kernel does
// would differ.
void read(const Reader& in, std::string& out) {
  if (!in.expect(json::Kind::String)) return;
  if (in.node().text.find('\0') != std::string::npos)
    return in.place().error("contains a NUL byte");
  out = in.node().text;
}

}  // namespace brig::spec
