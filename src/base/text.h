// Small text building: cat() joins its parts into one string. Used mostly for error
// messages, so it favours clarity and a small binary over speed.
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace brig {

inline void append(std::string& out, std::string_view text) {
  out += text;
}

template <class T>
concept Number = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;

inline void append(std::string& out, Number auto number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}
inline void append(std::string& out, char c) {
  out += c;
}

template <class... Parts>
[[nodiscard]] std::string cat(const Parts&... parts) {
  std::string out;
  (append(out, parts), ...);
  return out;
}

// join({"a", "b"}, ", ") == "a, b"
template <class Range>
[[nodiscard]] std::string join(const Range& parts, std::string_view separator) {
  std::string out;
  for (const auto& part : parts) {
    if (!out.empty()) out += separator;
    append(out, part);
  }
  return out;
}

}  // namespace brig
