// Which calls this kernel has. Each is called in a way that it must refuse, so that nothing
// happens; what tells is whether the refusal is ENOSYS. A seccomp filter that brig itself runs
// under can hide a call: then it is missing for brig, too.
#pragma once

#include <cstdint>

namespace brig::sys {

enum class Feature : std::uint8_t {
  Openat2,            // Linux 5.6
  Clone3,             // 5.3
  CloneIntoCgroup,    // 5.7
  MountApi,           // 5.2: fsopen, fsconfig, fsmount, open_tree, move_mount
  MountSetattr,       // 5.12; id-mapped mounts came with it
  PidfdOpen,          // 5.3
  PidfdGetfd,         // 5.6
  CloseRangeCloexec,  // 5.11
  Faccessat2,         // 5.8
  SeccompFilter,      // 3.17
  SeccompNotify,      // 5.0
  SeccompWaitKill,    // 5.19
  Bpf,                // 3.18; programs of cgroups 4.10
  Keyrings,
};

bool has_feature(Feature feature);

}  // namespace brig::sys
