// What this host offers to containers, and what it lacks for what.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/runtime.h"

namespace brig::runtime {

enum class Offer : std::uint8_t {
  Fact,  // neither good nor bad
  There,
  Missing,
};

struct InfoItem {
  std::string name;
  std::string value;  // besides that it is there or not; may be empty
  Offer offer = Offer::Fact;
  std::string needed_for;  // of what can be missing: what does not work then
  std::string remedy;      // of what is missing, where there is one
};

struct InfoSection {
  std::string name;
  std::vector<InfoItem> items;
};

// Never fails: what cannot be found out is missing.
std::vector<InfoSection> host_info(const Settings& settings);

}  // namespace brig::runtime
