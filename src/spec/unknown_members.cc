// What a configuration says that nobody reads: most often a member that is spelled wrong, or one
// that stands a level too high or too low.
#include <algorithm>

#include "base/suggest.h"
#include "spec/reader.h"

namespace brig::spec {
namespace {

// Sections of config.md that are not for Linux.
constexpr std::string_view kOtherPlatforms[] = {"freebsd", "solaris", "vm", "windows", "zos"};

bool equal_but_for_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// runc's JSON reader takes a member in any case, the specification does not.
std::string_view meant_by(std::string_view key, const std::vector<std::string_view>& known) {
  for (const std::string_view candidate : known)
    if (equal_but_for_case(key, candidate)) return candidate;
  return nearest(key, known);
}

Finding describe_unknown(std::string_view key, const std::vector<std::string_view>& known) {
  if (std::ranges::find(kOtherPlatforms, key) != std::end(kOtherPlatforms))
    return {.path = {}, .what = "is for another platform; ignored", .warning = true};
  const std::string_view meant = meant_by(key, known);
  return {.path = {},
          .what = "unknown member; ignored",
          .warning = true,
          .remedy = meant.empty() ? "" : cat("did you mean '", meant, "'?")};
}

}  // namespace

// An object without members is asked for all of them.
void report_unknown_members(const Reader& in, void (*ask)(const Reader&)) {
  json::Node nothing;
  nothing.kind = json::Kind::Object;
  Findings nobodys;
  std::vector<std::string_view> known;
  ask(Reader(nothing, Place(nobodys), known));
  for (const auto& [key, value] : in.node().members)
    if (std::ranges::find(known, key) == known.end())
      in.place().at(key).report(describe_unknown(key, known));
}

}  // namespace brig::spec
