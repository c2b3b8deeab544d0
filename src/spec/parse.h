// From a JSON tree to the types of the specification. Unknown members are ignored, as the
// specification asks, unless somebody wants to hear of them; everything else that does not fit is a
// finding at its place.
#pragma once

#include "base/json.h"
#include "spec/findings.h"
#include "spec/types.h"

namespace brig::spec {

// config.json
Spec parse_spec(const json::Node& root, Findings& findings,
                UnknownMembers unknown = UnknownMembers::Ignored);
Process parse_process(const json::Node& root, Findings& findings);           // exec --process
std::vector<Mount> parse_mounts(const json::Node& root, const Place& here);  // mounts add
Resources parse_resources(const json::Node& root, Findings& findings);       // update --resources

}  // namespace brig::spec
