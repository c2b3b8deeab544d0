#include "cli/stats_table.h"

#include <algorithm>

#include "base/text.h"

namespace brig::cli {
namespace {

using Value = std::optional<std::uint64_t>;

constexpr std::string_view kUnknown = "-";

std::string size_cell(Value bytes) {
  return bytes ? size_text(*bytes) : std::string(kUnknown);
}

std::string percent_cell(Value hundredths) {
  return hundredths ? percent_text(*hundredths) : std::string(kUnknown);
}

struct Column {
  std::string_view heading;
  unsigned rank;  // those of the highest rank give way first
  std::string (*cell)(const StatsRow& row);
};
constexpr Column kColumns[] = {
    {"CPU %", 1, [](const StatsRow& row) { return percent_cell(row.cpu); }},
    {"MEM", 1, [](const StatsRow& row) { return size_text(row.memory); }},
    {"LIMIT", 3, [](const StatsRow& row) { return size_cell(row.memory_limit); }},
    {"MEM %", 2, [](const StatsRow& row) { return percent_cell(row.memory_percent); }},
    {"SWAP", 6, [](const StatsRow& row) { return size_text(row.swap); }},
    {"READ", 5, [](const StatsRow& row) { return size_text(row.read); }},
    {"WRITE", 5, [](const StatsRow& row) { return size_text(row.written); }},
    {"NET RX", 7, [](const StatsRow& row) { return size_cell(row.received); }},
    {"NET TX", 7, [](const StatsRow& row) { return size_cell(row.sent); }},
    {"PIDS", 4, [](const StatsRow& row) { return cat(row.pids); }},
    {"PSI CPU", 8, [](const StatsRow& row) { return percent_cell(row.cpu_pressure); }},
    {"PSI MEM", 8, [](const StatsRow& row) { return percent_cell(row.memory_pressure); }},
    {"PSI IO", 8, [](const StatsRow& row) { return percent_cell(row.io_pressure); }},
};
constexpr unsigned kHighestRank = 8;
constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 7;  // so that columns do not move with every change
constexpr std::string_view kIdHeading = "ID";

// Texts of one column, the heading first, and how wide they are at most.
struct Cells {
  std::vector<std::string> texts;
  std::size_t width = kNarrowest;
  unsigned rank = 0;
};

Cells cells_of(const Column& column, std::span<const StatsRow> rows) {
  Cells cells{.texts = {std::string(column.heading)}, .rank = column.rank};
  for (const StatsRow& row : rows) cells.texts.push_back(column.cell(row));
  for (const std::string& text : cells.texts) cells.width = std::max(cells.width, text.size());
  return cells;
}

std::size_t width_up_to(unsigned rank, std::span<const Cells> table) {
  std::size_t width = 0;
  for (const Cells& cells : table)
    if (cells.rank <= rank) width += kGap + cells.width;
  return width;
}

// What of the table is shown: the columns up to a rank, and so much of the ids.
struct Extent {
  unsigned rank = kHighestRank;
  std::size_t id_width = kNarrowest;
};

Extent extent_of(std::span<const Cells> table, std::size_t longest_id, std::size_t columns) {
  constexpr std::size_t kShortId = 12;  // tells containers apart, as with Docker's
  Extent extent{.id_width = std::max(kNarrowest, longest_id)};
  if (columns == 0) return extent;
  const std::size_t wanted = std::min(extent.id_width, kShortId);
  while (extent.rank > 1 && wanted + width_up_to(extent.rank, table) > columns) --extent.rank;
  const std::size_t others = std::min(width_up_to(extent.rank, table), columns);
  extent.id_width = std::min(extent.id_width, columns - others);
  return extent;
}

std::string cut_to(std::string text, std::size_t width) {
  if (text.size() <= width) return text;
  text.resize(width);
  if (width > 0) text.back() = '~';
  return text;
}

}  // namespace

std::vector<std::string> stats_table(std::span<const StatsRow> rows, std::size_t columns) {
  std::vector<Cells> table;
  for (const Column& column : kColumns) table.push_back(cells_of(column, rows));
  std::size_t longest_id = 0;
  for (const StatsRow& row : rows) longest_id = std::max(longest_id, row.id.size());
  const auto [rank, id_width] = extent_of(table, longest_id, columns);

  std::vector<std::string> lines;
  for (std::size_t i = 0; i <= rows.size(); ++i) {
    std::string line = cut_to(i == 0 ? std::string(kIdHeading) : rows[i - 1].id, id_width);
    line.resize(id_width, ' ');
    for (const Cells& cells : table) {
      if (cells.rank > rank) continue;
      line.append(kGap + cells.width - cells.texts[i].size(), ' ');
      line += cells.texts[i];
    }
    if (columns > 0) line.resize(std::min(line.size(), columns));
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t kStep = 1024;
  if (bytes < kStep) return cat(bytes, "B");
  std::uint64_t unit = kStep;
  std::string_view letters = "KMGT";
  while (letters.size() > 1 && bytes / unit >= kStep) {
    unit *= kStep;
    letters.remove_prefix(1);
  }
  const std::uint64_t whole = bytes / unit;
  const std::uint64_t hundredths = bytes % unit * 100 / unit;
  std::string text = cat(whole);
  if (whole < 10)
    text += cat(".", hundredths / 10, hundredths % 10);
  else if (whole < 100)
    text += cat(".", hundredths / 10);
  return text + letters.front() + "iB";
}

std::string percent_text(std::uint64_t hundredths) {
  const std::uint64_t tenths = (hundredths + 5) / 10;
  return cat(tenths / 10, ".", tenths % 10);
}

}  // namespace brig::cli
