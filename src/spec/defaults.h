// What a configuration means by leaving something out, beyond the defaults of single members.
#pragma once

#include "spec/findings.h"
#include "spec/types.h"

namespace brig::spec {

// - Without a "linux" section the container would share every namespace with whoever calls brig.
//   Nobody who writes the smallest bundle wants that: it gets new pid, mount, uts and ipc
//   namespaces, and a note says so. A section that is there means what it says.
// - What runs without privilege runs in a user namespace, whether or not the configuration says so,
//   and one that says so without maps gets those of `own_ids` (as with crun).
// - Without options the well-known mounts get those that fit them, as in crun.
void apply_defaults(Spec& spec, const OwnIds* own_ids, Findings& notes);

}  // namespace brig::spec
