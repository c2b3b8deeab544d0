// From a JSON tree to the types of the specification. Unknown members are ignored, as the
// specification asks; everything else that does not fit is a finding at its place.
#pragma once

#include "base/json.h"
#include "spec/findings.h"
#include "spec/types.h"

namespace brig::spec {

Spec parse_spec(const json::Node& root, Findings& findings);            // config.json
Process parse_process(const json::Node& root, Findings& findings);      // exec --process
Resources parse_resources(const json::Node& root, Findings& findings);  // update --resources

}  // namespace brig::spec
