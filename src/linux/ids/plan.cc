#include "linux/ids/plan.h"

#include <algorithm>

#include "base/text.h"
#include "spec/types.h"

namespace brig {

namespace {

// What the kernel lets anybody map.
bool is_own_id_alone(const std::vector<IdRange>& ranges, std::uint32_t own) {
  return ranges.size() == 1 && ranges[0].size == 1 && ranges[0].host_id == own;
}

Result<std::string> helper_at(const std::string& path, std::string_view name,
                              std::string_view json_path) {
  if (!path.empty()) return path;
  return fail(Errc::Denied, cat(json_path, ": to map other ids than your own takes ", name,
                                ", which is not installed (on Debian: apt install uidmap)"));
}

}  // namespace

Result<IdPlan> plan_ids(const spec::Linux& linux_section, const IdFacts& facts) {
  IdPlan plan{.uids = linux_section.uid_mappings, .gids = linux_section.gid_mappings};
  if (!facts.may_map_any_uid && !plan.uids.empty() && !is_own_id_alone(plan.uids, facts.uid))
    plan.uid_helper = TRY(helper_at(facts.newuidmap, "newuidmap", "linux.uidMappings"));
  if (facts.may_map_any_gid || plan.gids.empty()) return plan;
  plan.deny_setgroups = is_own_id_alone(plan.gids, facts.gid);
  if (!plan.deny_setgroups)
    plan.gid_helper = TRY(helper_at(facts.newgidmap, "newgidmap", "linux.gidMappings"));
  return plan;
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
