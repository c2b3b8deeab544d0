// Ranges of user and group ids, as the specification, the planners and the kernel all have them.
#pragma once

#include <cstdint>
#include <vector>

namespace brig {

// A line of uid_map or gid_map (user_namespaces(7)).
struct IdRange {
  std::uint32_t container_id = 0, host_id = 0, size = 0;
  bool operator==(const IdRange&) const = default;
};

// The ids that somebody without privilege can give to a container.
struct OwnIds {
  std::vector<IdRange> uids, gids;
  bool operator==(const OwnIds&) const = default;
};

}  // namespace brig
