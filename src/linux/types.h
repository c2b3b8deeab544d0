// Vocabulary that several mechanisms share.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"

namespace brig {

// A path as the container will see it. Only linux/root.h turns one into a descriptor.
struct ContainerPath {
  std::string text;
  bool operator==(const ContainerPath&) const = default;
};

// Index of a mount tree that the parent cloned from the host and the new process inherits.
struct TreeSlot {
  std::uint32_t index = 0;
  bool operator==(const TreeSlot&) const = default;
};

// What a mount of type "cgroup" shows: on v2 one filesystem or one directory, on v1 and hybrid
// hosts a tmpfs with one entry a hierarchy.
struct CgroupView {
  struct Entry {
    std::string name;             // below the tmpfs: "cpu,cpuacct"
    std::string fstype, options;  // a new mount; empty when bind_source is used
    std::string bind_source;      // a directory of the host
    bool operator==(const Entry&) const = default;
  };
  bool tmpfs = false;
  std::vector<Entry> entries;
  std::vector<std::pair<std::string, std::string>> links;  // {target, name}: cpu -> cpu,cpuacct
  std::string single_fstype, single_bind;                  // without tmpfs: one of the two
  bool operator==(const CgroupView&) const = default;
};

}  // namespace brig
