// Which namespaces a configuration lists. Those it does not list are inherited.
#pragma once

#include <string_view>

#include "spec/types.h"

namespace brig::spec {

// nullptr: inherited.
[[nodiscard]] inline const Namespace* find_namespace(const Linux& section, std::string_view type) {
  for (const Namespace& ns : section.namespaces)
    if (ns.type == type) return &ns;
  return nullptr;
}

// Made for the container, or joined: not that of whoever calls brig.
[[nodiscard]] inline bool has_own_namespace(const Spec& spec, std::string_view type) {
  return spec.linux_ && find_namespace(*spec.linux_, type) != nullptr;
}

[[nodiscard]] inline bool creates_namespace(const Linux& section, std::string_view type) {
  const Namespace* ns = find_namespace(section, type);
  return ns != nullptr && ns->path.empty();
}

}  // namespace brig::spec
