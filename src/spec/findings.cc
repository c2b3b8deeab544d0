#include "spec/findings.h"

#include <algorithm>
#include <iterator>

#include "base/json.h"

namespace brig::spec {
namespace {

// A hostile configuration has a fault in every byte; nobody reads more than this many.
constexpr std::ptrdiff_t kMaxFindings = 64;
constexpr std::size_t kMaxQuoted = 80;

bool is_plain_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string printable(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F)
      append(out, cat("\\x", kHex[byte >> 4], kHex[byte & 15]));
    else
      out += c;
  }
  return out;
}

std::string clipped(std::string_view text) {
  if (text.size() <= kMaxQuoted) return printable(text);
  std::size_t end = kMaxQuoted;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;  // not mid-character
  return printable(text.substr(0, end)) + "...";
}

// "process.args" lies in "process", and in itself; "processes" does not.
bool lies_in(std::string_view path, std::string_view ancestor) {
  if (!path.starts_with(ancestor)) return false;
  return path.size() == ancestor.size() || ancestor.empty() || path[ancestor.size()] == '.' ||
         path[ancestor.size()] == '[';
}

}  // namespace

std::string quote(std::string_view text) {
  return cat("'", clipped(text), "'");
}

Report describe(const Findings& findings, const Source& source) {
  Report report;
  if (findings.empty()) return report;
  const Result<json::Node> root = json::parse(source.bytes);
  for (const Finding& finding : findings) {
    std::string_view inside = finding.path;
    if (inside.starts_with(source.place)) inside.remove_prefix(source.place.size());
    const std::size_t offset = root ? json::offset_of(*root, inside) : 0;
    const json::Position at = json::position_of(source.bytes, offset);
    std::string line = cat(source.name, ":", at.line, ":", at.column, ": ", finding.path,
                           finding.path.empty() ? "" : ": ", finding.what);
    (finding.warning ? report.warnings : report.errors).push_back(std::move(line));
  }
  if (std::ssize(report.errors) == kMaxFindings)
    report.errors.push_back(cat(source.name, ": more faults than these are not listed"));
  return report;
}

std::string Place::path() const {
  std::string out = parent_ == nullptr ? "" : parent_->path();
  if (index_ != kNoIndex)
    append(out, cat("[", index_, "]"));
  else if (parent_ != nullptr && is_plain_key(key_))
    append(out, cat(out.empty() ? "" : ".", key_));
  else if (parent_ != nullptr)
    append(out, cat("[\"", clipped(key_), "\"]"));
  return out;
}

void Place::report(Finding finding) const {
  if (!has_room(finding.warning)) return;
  finding.path = path();
  add(std::move(finding));
}

// Each kind has room of its own: warnings must not crowd out an error, or hide one.
bool Place::has_room(bool warning) const {
  return std::ranges::count(*findings_, warning, &Finding::warning) < kMaxFindings;
}

void Place::add(Finding finding) const {
  const auto covers = [&](const Finding& earlier) {
    return (!earlier.warning || finding.warning) && lies_in(finding.path, earlier.path);
  };
  if (std::ranges::none_of(*findings_, covers)) findings_->push_back(std::move(finding));
}

}  // namespace brig::spec
