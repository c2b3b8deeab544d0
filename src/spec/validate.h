// What a configuration may say: the specification's rules and those that runc and crun add, as
// far as they can be decided without looking at the host. Nothing is changed; every fault is a
// finding.
#pragma once

#include "spec/findings.h"
#include "spec/types.h"

namespace brig::spec {

void validate_spec(const Spec& spec, Findings& findings);
// `here` is where it stands in its document: in config.json, or the whole of a file of its own.
void validate_process(const Process& process, const Place& here);
void validate_mounts(const Spec& spec, const Place& here);
void validate_resources(const Resources& resources, const Place& here);

}  // namespace brig::spec
