// Id-mapped mounts: which ids a bind mount shows in place of those on the disk.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "linux/mount/plan.h"

namespace brig {

namespace spec {
struct Linux;
struct Mount;
}  // namespace spec

// What the options of a mount say: idmap, ridmap, or crun's idmap=MAPS.
struct IdMapOption {
  bool recursive = false;
  std::string_view maps;  // "uids=0-1000-1#1-2000-9;gids=..."; empty: not of the option
};

// The maps are the option's, the mount's own, or the container's, in this order; empty: none is
// asked for. `option`: empty if the mount has no such option.
Result<std::optional<MountIds>> plan_mount_ids(const spec::Mount& mount,
                                               const spec::Linux& linux_section,
                                               const std::optional<IdMapOption>& option,
                                               const std::string& json_path);

}  // namespace brig
