// The container's share of caches and memory bandwidth, and what is measured of it: a group of
// resctrl (linux.intelRdt; Documentation/filesystems/resctrl.rst of the kernel).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace brig {

namespace spec {
struct IntelRdt;
}

// What a container that is there has of it.
struct ResctrlGroup {
  std::string name;     // its directory; "": the root
  bool owned = false;   // made for this container alone: it goes with it
  std::string monitor;  // below mon_groups of the group; "": none. It goes with the container
  bool operator==(const ResctrlGroup&) const = default;
};

struct ResctrlPlan {
  ResctrlGroup group;
  std::vector<std::string> schemata;  // lines, in the order of writing
  bool operator==(const ResctrlPlan&) const = default;
};

std::vector<std::string> plan_schemata(const spec::IntelRdt& rdt);
Result<ResctrlPlan> plan_resctrl(const spec::IntelRdt& rdt, const std::string& container);

// "mon_groups/ID" below the group.
std::string monitor_path(const ResctrlGroup& group);
// A name of one directory. For what comes from a file.
Result<> validate_resctrl(const ResctrlGroup& group);

// As `schemata` takes them.
std::string text_of(const std::vector<std::string>& schemata);

// The first of the lines that a group's `schemata` file does not have, if any. Domains that a line
// does not name are as they are; the file writes its numbers in another way ("L3:0=0x0f" is "0=f").
std::optional<std::string> missing_schema(const std::vector<std::string>& wanted,
                                          std::string_view file);

}  // namespace brig
