// The configuration that `brig spec` writes: a shell in a container that engines would call
// ordinary.
#pragma once

#include <cstdint>
#include <string>

namespace brig::spec {

struct DefaultSpecOptions {
  bool rootless = false;  // for an unprivileged caller: a user namespace that maps only the caller
  bool cgroup2 = true;    // the host has cgroup v2: a cgroup namespace of the container's own
  std::uint32_t uid = 0, gid = 0;  // of the caller; rootless only
};

// JSON, indented with tabs, with a newline at its end.
std::string default_spec_json(const DefaultSpecOptions& options);

}  // namespace brig::spec
