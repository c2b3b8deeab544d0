// uid and gid maps of a new user namespace (user_namespaces(7)), and who may write them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "linux/types.h"

namespace brig {

namespace spec {
struct Linux;
}

// What the caller may map, in the user namespace that it is in.
struct IdFacts {
  std::uint32_t uid = 0, gid = 0;                                // effective
  bool may_map_any_uid = true, may_map_any_gid = true;           // CAP_SETUID, CAP_SETGID
  std::string newuidmap = "newuidmap", newgidmap = "newgidmap";  // paths; empty: not installed
};

struct IdPlan {
  std::vector<IdRange> uids, gids;
  // The setuid program of shadow-utils that writes the map, because the caller may not.
  std::string uid_helper, gid_helper;
  // First: without CAP_SETGID the kernel takes a map of the own gid alone, and only where no
  // process can drop a group any more, because that could be what grants access (CVE-2014-8989).
  bool deny_setgroups = false;
  bool operator==(const IdPlan&) const = default;
};

Result<IdPlan> plan_ids(const spec::Linux& linux_section, const IdFacts& facts);

// The text of uid_map or gid_map: one line a range, written with one write(2).
std::string map_text(const std::vector<IdRange>& ranges);

// The host's id of a container id; absent ids are nobody's.
bool is_mapped(const std::vector<IdRange>& ranges, std::uint32_t container_id);

}  // namespace brig
