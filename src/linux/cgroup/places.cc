#include "linux/cgroup/places.h"

#include "base/text.h"
#include "linux/cgroup/parse.h"

namespace brig {

std::optional<std::int32_t> CgroupPlaces::place_of(std::string_view controller) const {
  for (std::size_t i = 0; i < paths.v1.size(); ++i)
    for (const std::string_view name : split(paths.v1[i].controllers, ','))
      if (name == controller) return static_cast<std::int32_t>(i);
  const bool core = controller == "cgroup";  // cgroup.max.depth: no controller's
  if (!paths.v2.empty() && (core || contains(v2_controllers, controller))) return kCgroupV2;
  return std::nullopt;
}

std::string CgroupPlaces::why_missing(std::string_view controller) const {
  if (!why_none.empty()) return why_none;
  for (const CgroupDir& dir : read_only)
    for (const std::string_view name : split(dir.controllers, ','))
      if (name == controller) return cat(dir.mount, " is mounted read-only");
  if (paths.mode != CgroupMode::V2)
    return cat("no cgroup v1 hierarchy of this host has the ", controller, " controller");
  return cat("the ", controller, " controller is not in ", paths.v2[0].mount,
             "/cgroup.controllers (", v2_controllers.empty() ? "empty" : join(v2_controllers, " "),
             ")");
}

std::string_view name_of(CgroupMode mode) {
  switch (mode) {
    case CgroupMode::None:
      return "none";
    case CgroupMode::V1:
      return "v1";
    case CgroupMode::Hybrid:
      return "hybrid";
    case CgroupMode::V2:
      return "v2";
  }
  std::unreachable();
}

std::string describe(const CgroupPlan& plan, const CgroupWrite& write) {
  const std::string place =
      write.hierarchy == kCgroupV2
          ? std::string("v2")
          : plan.paths.v1[static_cast<std::size_t>(write.hierarchy)].controllers;
  return cat(place, ": ", write.file, " = ", write.value, " (", write.json_path, ")");
}

}  // namespace brig
