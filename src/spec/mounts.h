// What is asked about mounts in several places.
#pragma once

#include <algorithm>
#include <string_view>

#include "spec/types.h"

namespace brig::spec {

inline bool has_option(const Mount& mount, std::string_view option) {
  return mount.options && std::ranges::find(*mount.options, option) != mount.options->end();
}

}  // namespace brig::spec
