// Mounts that come and go while the container runs (`mounts add`, `mounts remove`).
//
// The container's processes may move whatever lies on the way to a destination, at any time. So
// nothing that is done here depends on where a path leads: a new mount only ever covers something
// inside the container, and what is removed is known by the number that the kernel gave it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "linux/mount/plan.h"

namespace brig {

namespace spec {
struct Mount;
}

// A mount that was added. The number is not used again before the next boot (since Linux 6.8; older
// kernels do use it again, once the mount is gone, which takes privilege inside the container).
struct LiveMount {
  ContainerPath target;
  std::uint64_t number = 0;
  std::string json_path;  // of whoever asks for its removal
  bool operator==(const LiveMount&) const = default;
};

// `container`: as it was created.
Result<MountPlan> plan_live_mounts(const spec::Spec& container,
                                   const std::vector<spec::Mount>& added, MountFacts facts,
                                   const CgroupView& view);

// Which of those that are there the destinations of `removed` mean, in that order. Of several at
// one destination the last one is meant first.
Result<std::vector<LiveMount>> plan_removal(const std::vector<spec::Mount>& removed,
                                            const std::vector<LiveMount>& there);

// For each mount of the document the step that attaches it; later ones lie below it.
std::vector<std::size_t> first_steps(const MountPlan& plan);

}  // namespace brig
