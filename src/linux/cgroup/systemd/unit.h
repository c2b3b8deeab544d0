// The unit that a container's cgroup is, and where systemd puts it: the rules for
// linux.cgroupsPath as "slice:prefix:name".
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace brig {

// Goes into the state file: delete and update need nothing else.
struct SystemdUnit {
  std::string name;     // "docker-ID.scope", or a slice
  std::string slice;    // that it is in: "system.slice"; "-.slice" is the root
  std::string run_dir;  // of the systemd that makes it: "/run", or $XDG_RUNTIME_DIR of a user
  std::string cgroup;   // below the mount point: "/system.slice/docker-ID.scope"
  bool operator==(const SystemdUnit&) const = default;
};

inline constexpr const char kSystemRunDir[] = "/run";

inline bool is_slice(const SystemdUnit& unit) {
  return unit.name.ends_with(".slice");
}

struct SystemdUnitRequest {
  std::string id;              // of the container
  std::string run_dir;         // as above
  std::string manager_cgroup;  // of a user's systemd: below which its slices are
};

Result<SystemdUnit> plan_systemd_unit(std::string_view cgroups_path,
                                      const SystemdUnitRequest& request);

// "slice:prefix:name", with nothing that would make it another kind of path.
bool names_systemd_unit(std::string_view cgroups_path);

// The cgroup of the systemd that our own cgroup is in, if a user's: "/a/user@1000.service" of
// "/a/user@1000.service/app.slice/b.scope", else "".
std::string user_manager_cgroup(std::string_view own_cgroup);

}  // namespace brig
