// What a file has to be given to say again what it says now.
#pragma once

#include <string>
#include <string_view>

#include "linux/cgroup/types.h"

namespace brig {

// `now` is what reading the file yields before `write` is made. Of a file with a line for each
// device it is the line of the device that `write` is about.
std::string previous_value(const CgroupWrite& write, std::string_view now);

}  // namespace brig
