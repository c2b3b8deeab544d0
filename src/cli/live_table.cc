#include "cli/live_table.h"

#include <utility>

#include "base/text.h"

namespace brig::cli {
namespace {

// ECMA-48, as every terminal since the VT100 has it.
constexpr std::string_view kToLineStart = "\r";
constexpr std::string_view kClearRestOfLine = "\x1b[K";
constexpr std::string_view kClearBelow = "\x1b[J";

}  // namespace

std::string LiveTable::redraw(std::vector<std::string> lines, std::size_t height) {
  if (height > 1 && lines.size() > height) {
    const std::size_t hidden = lines.size() - (height - 1);
    lines.resize(height - 1);
    lines.push_back(cat("... and ", hidden, " more"));
  }
  std::string out(kToLineStart);
  if (drawn_ > 0) out += cat("\x1b[", drawn_, "A");
  for (const std::string& line : lines) out += cat(line, kClearRestOfLine, "\n");
  out += kClearBelow;
  drawn_ = lines.size();
  return out;
}

}  // namespace brig::cli
