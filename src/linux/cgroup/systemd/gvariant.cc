#include "linux/cgroup/systemd/gvariant.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace brig {

namespace {

constexpr int kDeepest = 8;

struct NumberType {
  std::string_view keyword;
  char type;
  std::int64_t lowest;
  std::uint64_t highest;
};

constexpr NumberType kNumberTypes[] = {
    {"byte", 'y', 0, 0xff},
    {"int16", 'n', std::numeric_limits<std::int16_t>::min(), 0x7fff},
    {"uint16", 'q', 0, 0xffff},
    {"int32", 'i', std::numeric_limits<std::int32_t>::min(), 0x7fff'ffff},
    {"uint32", 'u', 0, 0xffff'ffff},
    {"int64", 'x', std::numeric_limits<std::int64_t>::min(), 0x7fff'ffff'ffff'ffff},
    {"uint64", 't', 0, std::numeric_limits<std::uint64_t>::max()},
};

// Of a keyword or a type string; empty: neither.
std::string type_of_keyword(std::string_view word) {
  for (const NumberType& number : kNumberTypes)
    if (number.keyword == word) return std::string(1, number.type);
  if (word == "boolean") return "b";
  if (word == "string") return "s";
  if (word == "objectpath") return "o";
  return {};
}

std::unexpected<Error> not_a_value(std::string_view what) {
  return fail(Errc::BadConfig, std::string(what));
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<DbusValue> whole() {
    DbusValue made = TRY(value({}, 0));
    skip_blanks();
    if (at_ != text_.size()) return not_a_value(cat("'", rest(), "' after the value"));
    return made;
  }

 private:
  // `type`: what it has to be, or empty.
  Result<DbusValue> value(std::string_view type, int depth) {
    skip_blanks();
    if (depth > kDeepest) return not_a_value("too many brackets");
    if (at_ == text_.size()) return not_a_value("a value is missing");
    const char c = text_[at_];
    if (c == '\'' || c == '"') return string(type);
    if (c == '[') return array(type, depth);
    if (c == '(') return tuple(type, depth);
    if (c == '@') return annotated(depth);
    return word(type, depth);
  }

  Result<DbusValue> string(std::string_view type) {
    const char quote = text_[at_++];
    DbusValue made{.signature = std::string(type.empty() ? "s" : type)};
    if (made.signature != "s" && made.signature != "o" && made.signature != "g")
      return not_a_value(cat("a string where the type is ", type));
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      const bool escaped = text_[at_] == '\\' && at_ + 1 < text_.size();
      if (escaped) ++at_;
      const bool newline = escaped && text_[at_] == 'n';
      const bool tab = escaped && text_[at_] == 't';
      made.text += newline ? '\n' : tab ? '\t' : text_[at_];
    }
    if (at_ == text_.size()) return not_a_value("a string without its end");
    ++at_;
    return made;
  }

  // The first item decides for all.
  Result<DbusValue> array(std::string_view type, int depth) {
    if (!type.empty() && type[0] != 'a') return not_a_value(cat("an array of type ", type));
    std::string of(type.empty() ? type : type.substr(1));
    DbusValue made;
    ++at_;
    while (!take(']')) {
      if (!made.items.empty() && !take(',')) return not_a_value("an array without its end");
      DbusValue item = TRY(value(of, depth + 1));
      if (of.empty()) of = item.signature;
      made.items.push_back(std::move(item));
    }
    if (of.empty()) return not_a_value("an empty array needs its type: @as []");
    made.signature = "a" + of;
    return made;
  }

  Result<DbusValue> tuple(std::string_view type, int depth) {
    std::vector<DbusValue> members;
    ++at_;
    while (!take(')')) {
      if (!members.empty() && !take(',')) return not_a_value("a tuple without its end");
      DbusValue member = TRY(value({}, depth + 1));
      members.push_back(std::move(member));
    }
    if (members.empty()) return not_a_value("an empty tuple");
    DbusValue made = dbus::structure(std::move(members));
    if (!type.empty() && made.signature != type)
      return not_a_value(cat("a tuple ", made.signature, " where the type is ", type));
    return made;
  }

  Result<DbusValue> annotated(int depth) {
    ++at_;
    const std::string_view type = take_word();
    const std::string_view single = type.substr(std::min(type.find_first_not_of('a'), type.size()));
    if (single.size() != 1 || !std::string_view("ynqiuxtbso").contains(single))
      return not_a_value(cat("'@", type, "' is no type that can be written here"));
    return value(type, depth + 1);
  }

  Result<DbusValue> word(std::string_view type, int depth) {
    const std::string_view word = take_word();
    if (word.empty()) return not_a_value(cat("'", rest(), "' is no value"));
    if (word == "true" || word == "false") {
      if (!type.empty() && type != "b") return not_a_value(cat("a boolean of type ", type));
      return dbus::boolean(word == "true");
    }
    const std::string named = type_of_keyword(word);
    if (!named.empty()) return value(named, depth + 1);
    return number(word, type);
  }

  static Result<DbusValue> number(std::string_view word, std::string_view type) {
    const std::string wanted(type.empty() ? "i" : type);
    for (const NumberType& known : kNumberTypes)
      if (wanted[0] == known.type && wanted.size() == 1) return integer(word, known);
    return not_a_value(cat("'", word, "' where the type is ", type));
  }

  static Result<DbusValue> integer(std::string_view word, const NumberType& type) {
    std::string_view digits = word;
    const bool negative = digits.starts_with('-');
    if (negative || digits.starts_with('+')) digits.remove_prefix(1);
    const bool hexadecimal = digits.starts_with("0x");
    if (hexadecimal) digits.remove_prefix(2);
    std::uint64_t magnitude = 0;
    const auto [end, error] =
        std::from_chars(digits.begin(), digits.end(), magnitude, hexadecimal ? 16 : 10);
    if (error == std::errc::invalid_argument || end != digits.end())
      return not_a_value(cat("'", word, "' is no value"));
    const std::uint64_t lowest = std::uint64_t{0} - static_cast<std::uint64_t>(type.lowest);
    if (error != std::errc() || magnitude > (negative ? lowest : type.highest))
      return not_a_value(cat(word, " is not in the range of ", type.keyword));
    return DbusValue{.signature = std::string(1, type.type),
                     .number = negative ? std::uint64_t{0} - magnitude : magnitude};
  }

  void skip_blanks() {
    while (at_ < text_.size() && std::string_view(" \t\n").contains(text_[at_])) ++at_;
  }

  bool take(char c) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::string_view take_word() {
    const std::size_t end = std::min(text_.find_first_of(" \t\n,()[]'\"", at_), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    return word;
  }

  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<DbusValue> parse_gvariant(std::string_view text) {
  return Parser(text).whole();
}

}  // namespace brig
