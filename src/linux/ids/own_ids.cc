#include "linux/ids/own_ids.h"

#include <charconv>
#include <optional>

#include "base/split.h"
#include "base/text.h"

namespace brig {

namespace {

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "alice:100000:65536"; the first field may also be the uid.
std::optional<IdRange> range_of_line(std::string_view line, const OwnIdFacts& facts) {
  const std::vector<std::string_view> fields = split(line, ':');
  if (fields.size() < 3 || fields[0].empty()) return std::nullopt;
  if (fields[0] != facts.user_name && fields[0] != cat(facts.uid)) return std::nullopt;
  const std::optional<std::uint32_t> first = number_of(fields[1]);
  const std::optional<std::uint32_t> count = number_of(fields[2]);
  if (!first || !count || *count == 0) return std::nullopt;
  return IdRange{.container_id = 0, .host_id = *first, .size = *count};
}

}  // namespace

std::vector<IdRange> subordinate_ranges(std::string_view file, const OwnIdFacts& facts) {
  std::vector<IdRange> ranges;
  std::uint32_t next = 1;
  for (const std::string_view line : split(file, '\n')) {
    std::optional<IdRange> range = range_of_line(line, facts);
    if (!range || range->size > UINT32_MAX - next) continue;
    range->container_id = next;
    next += range->size;
    ranges.push_back(*range);
  }
  return ranges;
}

OwnIds plan_own_ids(const OwnIdFacts& facts) {
  OwnIds ids{.uids = {{.container_id = 0, .host_id = facts.uid, .size = 1}},
             .gids = {{.container_id = 0, .host_id = facts.gid, .size = 1}}};
  const std::vector<IdRange> uids = subordinate_ranges(facts.subuid, facts);
  const std::vector<IdRange> gids = subordinate_ranges(facts.subgid, facts);
  if (uids.empty() || gids.empty()) return ids;
  ids.uids.insert(ids.uids.end(), uids.begin(), uids.end());
  ids.gids.insert(ids.gids.end(), gids.begin(), gids.end());
  return ids;
}

}  // namespace brig
