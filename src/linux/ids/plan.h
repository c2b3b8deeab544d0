// uid and gid maps of a new user namespace (user_namespaces(7)).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace brig {

namespace spec {
struct Linux;
}

struct IdRange {
  std::uint32_t container_id = 0, host_id = 0, size = 0;
  bool operator==(const IdRange&) const = default;
};

struct IdPlan {
  std::vector<IdRange> uids, gids;
  bool operator==(const IdPlan&) const = default;
};

IdPlan plan_ids(const spec::Linux& linux_section);

// The text of uid_map or gid_map: one line a range, written with one write(2).
std::string map_text(const std::vector<IdRange>& ranges);

// The host's id of a container id; absent ids are nobody's.
bool is_mapped(const std::vector<IdRange>& ranges, std::uint32_t container_id);

}  // namespace brig
