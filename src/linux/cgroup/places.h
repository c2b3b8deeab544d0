// Where a controller's files are for one container: in a v1 hierarchy, in its v2 cgroup, or
// nowhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "linux/cgroup/types.h"

namespace brig {

struct CgroupPlaces {
  const CgroupPaths& paths;
  const std::vector<std::string>& v2_controllers;
  std::string why_none;                   // when the container has no cgroup at all
  std::vector<CgroupDir> read_only = {};  // v1 hierarchies that it has none in

  // On a hybrid host the kernel gives each controller to one of the two.
  [[nodiscard]] std::optional<std::int32_t> place_of(std::string_view controller) const;
  [[nodiscard]] bool is_v2(std::string_view controller) const {
    return place_of(controller) == kCgroupV2;
  }
  // "the memory controller is not in /sys/fs/cgroup/cgroup.controllers (cpu io pids)"
  [[nodiscard]] std::string why_missing(std::string_view controller) const;
};

}  // namespace brig
