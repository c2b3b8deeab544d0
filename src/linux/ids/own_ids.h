// The ids that somebody without privilege can give to a container: its own as root's and, where the
// host's administrator has set some apart for it (subuid(5), subgid(5)), those from 1 on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "linux/ids/plan.h"

namespace brig {

struct OwnIdFacts {
  std::uint32_t uid = 0, gid = 0;
  std::string user_name;       // as in /etc/passwd; empty: it has none
  std::string subuid, subgid;  // the files, whole
};

// The ranges of a file that are the user's, one after the other from container id 1 on.
std::vector<IdRange> subordinate_ranges(std::string_view file, const OwnIdFacts& facts);

// Both kinds have subordinate ids, or neither: users without groups of their own are no use.
OwnIds plan_own_ids(const OwnIdFacts& facts);

}  // namespace brig
