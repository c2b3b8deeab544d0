#include "cli/numbers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string>
#include <type_traits>

#include "base/text.h"

namespace brig::cli {
namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

// "", "b", "k", "kb", "kib" and so on; nothing for what is no unit.
std::optional<std::int64_t> bytes_in(std::string_view unit) {
  if (unit.empty() || unit == "b") return 1;
  constexpr std::string_view kUnits = "kmgtp";
  const std::size_t power = kUnits.find(unit.front());
  const std::string_view rest = unit.substr(1);
  if (power == kUnits.npos || !(rest.empty() || rest == "b" || rest == "ib")) return {};
  return std::int64_t{1} << (10 * (power + 1));
}

// The digits behind the point as a part of one unit.
std::int64_t fraction_of(std::string_view digits, std::int64_t unit) {
  double value = 0;
  double place = 0.1;
  for (const char digit : digits) {
    value += place * (digit - '0');
    place /= 10;
  }
  return static_cast<std::int64_t>(value * static_cast<double>(unit));
}

std::unexpected<Error> no_size(std::string_view what) {
  return fail(Errc::BadConfig, std::string(what));
}

std::unexpected<Error> invalid_value(std::string_view flag, std::string_view text,
                                     std::string_view why) {
  return fail(Errc::BadConfig, cat("invalid value '", text, "' for --", flag, ": ", why));
}

template <class T>
Result<> set_any(std::string_view flag, std::string_view text, std::optional<T>& into) {
  if (text.empty()) return {};
  T number{};
  const auto [stop, error] = std::from_chars(text.begin(), text.end(), number);
  if (error != std::errc() || stop != text.end())
    return invalid_value(flag, text,
                         cat("not a whole number", std::is_signed_v<T> ? "" : " from 0 up",
                             sizeof(T) == 2 ? " to 65535" : ""));
  into = number;
  return {};
}

}  // namespace

Result<std::int64_t> parse_size(std::string_view text) {
  if (text == "-1") return -1;
  constexpr std::string_view kDigits = "0123456789";
  const std::size_t whole_end = std::min(text.find_first_not_of(kDigits), text.size());
  std::int64_t whole = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + whole_end, whole);
  if (error == std::errc::result_out_of_range) return no_size("too large");
  if (error != std::errc()) return no_size("not a size such as 64m, 1.5g or -1");

  std::string_view rest = text.substr(whole_end);
  std::string_view fraction;
  if (rest.starts_with('.')) {
    fraction = rest.substr(1, rest.find_first_not_of(kDigits, 1) - 1);
    rest.remove_prefix(fraction.size() + 1);
    if (fraction.empty()) return no_size("not a size such as 64m, 1.5g or -1");
  }
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  const std::optional<std::int64_t> unit = bytes_in(lower(rest));
  if (!unit) return no_size("not a size such as 64m, 1.5g or -1");
  const std::int64_t part = fraction_of(fraction, *unit);
  if (whole > (kLargest - part) / *unit) return no_size("too large");
  return whole * *unit + part;
}

Result<> set_size(std::string_view flag, std::string_view text, std::optional<std::int64_t>& into) {
  if (text.empty()) return {};
  const Result<std::int64_t> size = parse_size(text);
  if (!size) return invalid_value(flag, text, size.error().message());
  into = *size;
  return {};
}

Result<> set_number(std::string_view flag, std::string_view text,
                    std::optional<std::int64_t>& into) {
  return set_any(flag, text, into);
}
Result<> set_number(std::string_view flag, std::string_view text,
                    std::optional<std::uint64_t>& into) {
  return set_any(flag, text, into);
}
Result<> set_number(std::string_view flag, std::string_view text,
                    std::optional<std::uint16_t>& into) {
  return set_any(flag, text, into);
}

}  // namespace brig::cli
