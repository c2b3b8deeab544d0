#include "runtime/outline.h"

#include <algorithm>

namespace brig::runtime {

namespace {

constexpr std::size_t kWidth = 98;

bool is_printable(char c) {
  return c >= ' ' && c != '\x7f';
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  append(out, cat("\\x", kDigits[byte >> 4], kDigits[byte & 15]));
}

}  // namespace

void Outline::add(std::size_t indent, std::string_view text) {
  if (!title_.empty()) {
    append(out_, cat(out_.empty() ? "" : "\n", title_, "\n"));
    title_.clear();
  }
  append(out_, cat(std::string(indent, ' '), text, "\n"));
}

void Outline::words(std::string_view label, const std::vector<std::string>& words) {
  std::string text = cat(label, ":");
  std::size_t indent = 2;
  for (const std::string& word : words) {
    if (indent + text.size() + 1 + word.size() > kWidth) {
      add(indent, text);
      text = word;
      indent = 6;
    } else {
      append(text, cat(" ", word));
    }
  }
  add(indent, text);
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (!is_printable(c)) {
      append_escaped(out, c);
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string plain_or_quoted(std::string_view text) {
  const bool plain = !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_printable(c) && !std::string_view(" \"\\;()").contains(c);
  });
  return plain ? std::string(text) : quoted(text);
}

std::string octal(std::uint32_t number) {
  char digits[16];
  const char* end = std::to_chars(digits, digits + sizeof digits, number, 8).ptr;
  return cat("0", std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

}  // namespace brig::runtime
