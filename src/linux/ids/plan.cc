#include "linux/ids/plan.h"

#include <algorithm>

#include "base/text.h"
#include "spec/types.h"

namespace brig {

namespace {

std::vector<IdRange> ranges_of(const std::vector<spec::IdMapping>& mappings) {
  std::vector<IdRange> ranges;
  ranges.reserve(mappings.size());
  for (const spec::IdMapping& m : mappings)
    ranges.push_back({.container_id = m.container_id, .host_id = m.host_id, .size = m.size});
  return ranges;
}

}  // namespace

IdPlan plan_ids(const spec::Linux& linux_section) {
  return {.uids = ranges_of(linux_section.uid_mappings),
          .gids = ranges_of(linux_section.gid_mappings)};
}

std::string map_text(const std::vector<IdRange>& ranges) {
  std::string text;
  for (const IdRange& range : ranges)
    append(text, cat(range.container_id, ' ', range.host_id, ' ', range.size, '\n'));
  return text;
}

bool is_mapped(const std::vector<IdRange>& ranges, std::uint32_t container_id) {
  return std::ranges::any_of(ranges, [&](const IdRange& range) {
    return container_id >= range.container_id && container_id - range.container_id < range.size;
  });
}

}  // namespace brig
