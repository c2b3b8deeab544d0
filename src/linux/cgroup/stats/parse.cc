#include "linux/cgroup/stats/parse.h"

#include <charconv>
#include <optional>
#include <utility>

#include "linux/cgroup/parse.h"

namespace brig {

namespace {

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> count_in(std::string_view text) {
  if (text == "max") return kNoLimit;
  return number_in<std::uint64_t>(text);
}

std::string_view without_newline(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

// {"key", "value"} of "key<separator>value".
std::pair<std::string_view, std::string_view> halves(std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

// "rbytes=1 wbytes=2"
KeyValues parse_assignments(std::string_view text) {
  KeyValues values;
  for (const std::string_view word : split(text, ' ')) {
    const auto [key, value] = halves(word, '=');
    if (const std::optional<std::uint64_t> number = count_in(value)) values.emplace(key, *number);
  }
  return values;
}

// "12.34" -> 1234: the kernel writes two digits behind the point.
std::uint64_t hundredths_in(std::string_view text) {
  const auto [whole, fraction] = halves(text, '.');
  return number_in<std::uint64_t>(whole).value_or(0) * 100 +
         number_in<std::uint64_t>(fraction).value_or(0);
}

PressureShare parse_share(std::string_view assignments) {
  PressureShare share;
  for (const std::string_view word : split(assignments, ' ')) {
    const auto [key, value] = halves(word, '=');
    if (key == "avg10") share.avg10 = hundredths_in(value);
    if (key == "avg60") share.avg60 = hundredths_in(value);
    if (key == "avg300") share.avg300 = hundredths_in(value);
    if (key == "total") share.total_us = number_in<std::uint64_t>(value).value_or(0);
  }
  return share;
}

// "8:0"
std::optional<IoEntry> parse_device(std::string_view text) {
  const auto [major_text, minor_text] = halves(text, ':');
  const std::optional<std::uint64_t> major = number_in<std::uint64_t>(major_text);
  const std::optional<std::uint64_t> minor = number_in<std::uint64_t>(minor_text);
  if (!major || !minor) return std::nullopt;
  return IoEntry{.major = *major, .minor = *minor, .op = {}, .value = 0};
}

}  // namespace

std::uint64_t parse_count(std::string_view text) {
  return count_in(without_newline(text)).value_or(0);
}

std::int64_t parse_signed(std::string_view text) {
  return number_in<std::int64_t>(without_newline(text)).value_or(0);
}

KeyValues parse_key_values(std::string_view text) {
  KeyValues values;
  for (const std::string_view line : split(text, '\n')) {
    const auto [key, value] = halves(line, ' ');
    if (const std::optional<std::uint64_t> number = count_in(value)) values.emplace(key, *number);
  }
  return values;
}

std::uint64_t value_of(const KeyValues& values, const std::string& key) {
  const auto found = values.find(key);
  return found == values.end() ? 0 : found->second;
}

Pressure parse_pressure(std::string_view text) {
  Pressure pressure;
  for (const std::string_view line : split(text, '\n')) {
    const auto [kind, assignments] = halves(line, ' ');
    if (kind == "some") pressure.some = parse_share(assignments);
    if (kind == "full") pressure.full = parse_share(assignments);
  }
  return pressure;
}

std::vector<std::uint64_t> parse_number_list(std::string_view text) {
  constexpr std::uint64_t kMost = 1 << 16;  // CPUs and nodes are numbered in 16 bits
  std::vector<std::uint64_t> numbers;
  for (const std::string_view part : split(without_newline(text), ',')) {
    const auto [first_text, last_text] = halves(part, '-');
    const std::optional<std::uint64_t> first = number_in<std::uint64_t>(first_text);
    const std::optional<std::uint64_t> last =
        last_text.empty() ? first : number_in<std::uint64_t>(last_text);
    if (!first || !last || *last >= kMost) continue;
    for (std::uint64_t number = *first; number <= *last; ++number) numbers.push_back(number);
  }
  return numbers;
}

std::vector<std::uint64_t> parse_counts(std::string_view text) {
  std::vector<std::uint64_t> counts;
  for (const std::string& word : words_of(text))
    if (const std::optional<std::uint64_t> number = count_in(word)) counts.push_back(*number);
  return counts;
}

UsageByMode parse_usage_by_mode(std::string_view text) {
  UsageByMode usage;
  for (const std::string_view line : split(text, '\n')) {
    const std::vector<std::uint64_t> counts = parse_counts(line);  // none in the heading
    if (counts.size() != 3) continue;
    usage.user.push_back(counts[1]);
    usage.kernel.push_back(counts[2]);
  }
  return usage;
}

std::vector<IoEntry> parse_blkio(std::string_view text) {
  std::vector<IoEntry> entries;
  for (const std::string_view line : split(text, '\n')) {
    const std::vector<std::string_view> words = split(line, ' ');
    if (words.size() < 2 || words.size() > 3) continue;
    std::optional<IoEntry> entry = parse_device(words.front());
    const std::optional<std::uint64_t> value = count_in(words.back());
    if (!entry || !value) continue;
    if (words.size() == 3) entry->op = words[1];
    entry->value = *value;
    entries.push_back(std::move(*entry));
  }
  return entries;
}

std::map<std::string, KeyValues> parse_io_stat(std::string_view text) {
  std::map<std::string, KeyValues> devices;
  for (const std::string_view line : split(text, '\n')) {
    const auto [device, assignments] = halves(line, ' ');
    KeyValues values = parse_assignments(assignments);
    if (parse_device(device) && !values.empty()) devices.emplace(device, std::move(values));
  }
  return devices;
}

void add_as_v1(const std::map<std::string, KeyValues>& io_stat, IoStats& io) {
  struct Equivalent {
    std::string_view key, op;
    std::vector<IoEntry>& entries;
  };
  const Equivalent equivalents[] = {{"rbytes", "Read", io.service_bytes},
                                    {"wbytes", "Write", io.service_bytes},
                                    {"rios", "Read", io.serviced},
                                    {"wios", "Write", io.serviced}};
  for (const auto& [device, values] : io_stat)
    for (const Equivalent& equivalent : equivalents) {
      const auto found = values.find(std::string(equivalent.key));
      std::optional<IoEntry> entry = parse_device(device);
      if (found == values.end() || !entry) continue;
      entry->op = equivalent.op;
      entry->value = found->second;
      equivalent.entries.push_back(std::move(*entry));
    }
}

std::map<std::string, RdmaStats> parse_rdma(std::string_view text) {
  std::map<std::string, RdmaStats> devices;
  for (const std::string_view line : split(text, '\n')) {
    const auto [device, assignments] = halves(line, ' ');
    const KeyValues values = parse_assignments(assignments);
    if (values.empty()) continue;
    devices[std::string(device)] = {.hca_handles = value_of(values, "hca_handle"),
                                    .hca_objects = value_of(values, "hca_object")};
  }
  return devices;
}

std::vector<std::string> page_sizes_in(const std::vector<std::string>& files,
                                       std::string_view suffix) {
  constexpr std::string_view kPrefix = "hugetlb.";
  std::vector<std::string> sizes;
  for (const std::string_view file : files) {
    if (!file.starts_with(kPrefix) || !file.ends_with(suffix)) continue;
    if (file.size() <= kPrefix.size() + suffix.size()) continue;
    const std::string_view size =
        file.substr(kPrefix.size(), file.size() - kPrefix.size() - suffix.size());
    if (!size.contains('.')) sizes.emplace_back(size);  // "2MB.rsvd" is the same size once more
  }
  return sizes;
}

}  // namespace brig
