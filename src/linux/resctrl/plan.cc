#include "linux/resctrl/plan.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>

#include "base/text.h"
#include "spec/types.h"

namespace brig {

namespace {

constexpr std::string_view kBandwidth = "MB";  // also MBA, ...: percent or megabytes, in decimal

std::vector<std::string_view> pieces(std::string_view text, char separator) {
  std::vector<std::string_view> found;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    found.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return found;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

void add_lines(std::vector<std::string>& lines, std::string_view text, bool without_bandwidth) {
  for (const std::string_view piece : pieces(text, '\n')) {
    const std::string_view line = trimmed(piece);
    if (line.empty() || (without_bandwidth && line.starts_with("MB:"))) continue;
    lines.emplace_back(line);
  }
}

// The domains of "L3:0=f;1=ff". A value that is no number stands for itself.
struct Schema {
  std::string_view resource;
  std::map<std::string_view, std::string> values;
};

std::string canonical(std::string_view value, int base) {
  if (base == 16 && (value.starts_with("0x") || value.starts_with("0X"))) value.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.begin(), value.end(), number, base);
  return error == std::errc() && end == value.end() ? cat(number) : std::string(value);
}

Schema schema_of(std::string_view line) {
  const std::size_t colon = std::min(line.find(':'), line.size());
  Schema schema{.resource = trimmed(line.substr(0, colon)), .values = {}};
  const int base = schema.resource.starts_with(kBandwidth) ? 10 : 16;
  if (colon == line.size()) return schema;
  for (const std::string_view piece : pieces(line.substr(colon + 1), ';')) {
    const std::size_t equals = std::min(piece.find('='), piece.size());
    const std::string_view domain = trimmed(piece.substr(0, equals));
    if (domain.empty() || equals == piece.size()) continue;
    schema.values[domain] = canonical(trimmed(piece.substr(equals + 1)), base);
  }
  return schema;
}

bool has(const std::vector<Schema>& schemata, const Schema& wanted) {
  const auto found = std::ranges::find(schemata, wanted.resource, &Schema::resource);
  if (found == schemata.end()) return false;
  return std::ranges::all_of(wanted.values, [&](const auto& value) {
    const auto same = found->values.find(value.first);
    return same != found->values.end() && same->second == value.second;
  });
}

}  // namespace

std::vector<std::string> plan_schemata(const spec::IntelRdt& rdt) {
  std::vector<std::string> lines;
  add_lines(lines, rdt.l3_cache_schema, !rdt.mem_bw_schema.empty());
  add_lines(lines, rdt.mem_bw_schema, false);
  if (rdt.schemata)
    for (const std::string& line : *rdt.schemata) add_lines(lines, line, false);
  return lines;
}

Result<ResctrlPlan> plan_resctrl(const spec::IntelRdt& rdt, const std::string& container) {
  ResctrlPlan plan;
  plan.group.owned = rdt.clos_id.empty();
  plan.group.name = plan.group.owned ? container : rdt.clos_id == "/" ? std::string() : rdt.clos_id;
  // The directories that are there in every resctrl.
  if (plan.group.name == "info" || plan.group.name == "mon_groups" || plan.group.name == "mon_data")
    return fail(Errc::BadConfig, cat("linux.intelRdt", plan.group.owned ? "" : ".closID", ": '",
                                     plan.group.name, "' is a directory of resctrl's own"));
  if (rdt.enable_monitoring) plan.group.monitor = container;
  plan.schemata = plan_schemata(rdt);
  return plan;
}

std::string monitor_path(const ResctrlGroup& group) {
  return cat("mon_groups/", group.monitor);
}

Result<> validate_resctrl(const ResctrlGroup& group) {
  for (const std::string& name : {group.name, group.monitor})
    if (name == "." || name == ".." || name.contains('/'))
      return fail(Errc::Denied, cat("'", name, "' is not the name of a resctrl group"));
  if (group.owned && group.name.empty())
    return fail(Errc::Denied, "the root of resctrl is nobody's own");
  return {};
}

std::string text_of(const std::vector<std::string>& schemata) {
  std::string text;
  for (const std::string& line : schemata) append(text, cat(line, "\n"));
  return text;
}

std::optional<std::string> missing_schema(const std::vector<std::string>& wanted,
                                          std::string_view file) {
  std::vector<Schema> present;
  for (const std::string_view line : pieces(file, '\n'))
    if (!trimmed(line).empty()) present.push_back(schema_of(line));
  for (const std::string& line : wanted)
    if (!has(present, schema_of(line))) return line;
  return std::nullopt;
}

}  // namespace brig
