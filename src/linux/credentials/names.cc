#include "linux/credentials/names.h"

#include <linux/capability.h>

#include <algorithm>
#include <iterator>

#include "base/capability_names.h"
#include "base/text.h"

namespace brig {

static_assert(kCapabilityNames[CAP_SYS_ADMIN] == "CAP_SYS_ADMIN");
static_assert(kCapabilityNames[CAP_SETFCAP] == "CAP_SETFCAP");
static_assert(kCapabilityNames[CAP_CHECKPOINT_RESTORE] == "CAP_CHECKPOINT_RESTORE");

std::vector<std::string_view> capability_names() {
  return {std::begin(kCapabilityNames), std::end(kCapabilityNames)};
}

std::optional<unsigned> capability_number(std::string_view name) {
  const auto* known = std::ranges::find(kCapabilityNames, name);
  if (known == std::end(kCapabilityNames)) return std::nullopt;
  return static_cast<unsigned>(known - std::begin(kCapabilityNames));
}

std::string_view capability_name(unsigned number) {
  return number < std::size(kCapabilityNames) ? kCapabilityNames[number] : "CAP_?";
}

std::string describe_capabilities(std::uint64_t mask) {
  std::vector<std::string_view> names;
  for (unsigned number = 0; number < 64; ++number)
    if ((mask >> number & 1) != 0) names.push_back(capability_name(number));
  return join(names, ", ");
}

}  // namespace brig
