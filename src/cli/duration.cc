#include "cli/duration.h"

#include <charconv>
#include <optional>

#include "base/text.h"

namespace brig::cli {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kLongestNs = std::int64_t{1} << 62;

struct Unit {
  std::string_view name;
  std::int64_t ns;
};
constexpr Unit kUnits[] = {
    {"ns", 1},         {"us", 1000},        {"\u00b5s", 1000},  // micro sign
    {"\u03bcs", 1000},                                          // Greek mu
    {"ms", kNsPerMs},  {"s", kNsPerSecond}, {"m", 60 * kNsPerSecond}, {"h", 3600 * kNsPerSecond},
};

std::optional<std::int64_t> unit_in(std::string_view name) {
  for (const Unit& unit : kUnits)
    if (unit.name == name) return unit.ns;
  return {};
}

std::string_view take_while(std::string_view& text, std::string_view characters, bool among) {
  const std::size_t end =
      among ? text.find_first_not_of(characters) : text.find_first_of(characters);
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(taken.size());
  return taken;
}

// "1.5" of a unit, in nanoseconds.
std::optional<std::int64_t> scaled(std::string_view number, std::int64_t unit) {
  const std::size_t point = number.find('.');
  const std::string_view whole = number.substr(0, point);
  std::int64_t total = 0;
  if (!whole.empty()) {
    const auto [stop, error] = std::from_chars(whole.begin(), whole.end(), total);
    if (error != std::errc() || total > kLongestNs / unit) return {};
    total *= unit;
  }
  if (point == std::string_view::npos) return total;
  const std::string_view fraction = number.substr(point + 1);
  if (whole.empty() && fraction.empty()) return {};
  if (fraction.contains('.')) return {};
  for (const char digit : fraction) {
    unit /= 10;
    total += unit * (digit - '0');
  }
  return total;
}

std::optional<std::int64_t> parse_ns(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return {};
  constexpr std::string_view kDigits = "0123456789.";
  const bool unitless = text.find_first_not_of(kDigits) == std::string_view::npos;
  std::int64_t total = 0;
  while (!text.empty()) {
    const std::string_view number = take_while(text, kDigits, true);
    const std::string_view name = take_while(text, kDigits, false);
    const std::optional<std::int64_t> unit = unitless ? kNsPerSecond : unit_in(name);
    if (number.empty() || !unit) return {};
    const std::optional<std::int64_t> part = scaled(number, *unit);
    if (!part || *part > kLongestNs - total) return {};
    total += *part;
  }
  return negative ? -total : total;
}

}  // namespace

Result<std::int64_t> parse_duration_ms(std::string_view text) {
  const std::optional<std::int64_t> ns = parse_ns(text);
  if (!ns)
    return fail(Errc::BadConfig, cat("'", text, "' is not a duration such as 5s, 500ms or 1m30s"));
  if (*ns > 0 && *ns < kNsPerMs) return std::int64_t{1};
  return *ns / kNsPerMs;
}

}  // namespace brig::cli
