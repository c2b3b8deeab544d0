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

void append_line(std::string& out, std::size_t indent, std::string_view text) {
  out.append(indent, ' ');
  append(out, text);
  out += '\n';
}

void append_step(std::string& out, const Outline::Step& step) {
  std::string text = step.text;
  std::size_t indent = 2;
  for (const std::string& word : step.words) {
    if (indent + text.size() + 1 + word.size() > kWidth) {
      append_line(out, indent, text);
      text = word;
      indent = 6;
    } else {
      append(text, cat(" ", word));
    }
  }
  append_line(out, indent, text);
  for (const std::string& detail : step.details) append_line(out, 4, detail);
}

}  // namespace

void Outline::add(Step step) {
  if (!title_.empty()) sections_.push_back({.title = std::move(title_), .steps = {}});
  title_.clear();
  sections_.back().steps.push_back(std::move(step));
}

void Outline::words(std::string_view label, const std::vector<std::string>& words) {
  add({.text = cat(label, ":"), .words = words, .details = {}});
}

std::string Outline::text() const {
  std::string out;
  for (const Section& section : sections_) {
    append(out, cat(out.empty() ? "" : "\n", section.title, "\n"));
    for (const Step& step : section.steps) append_step(out, step);
  }
  return out;
}

std::string one_line(const Outline::Step& step) {
  return step.words.empty() ? step.text : cat(step.text, " ", join(step.words, " "));
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
