// What `check` finds beyond the rules and the plan: what create would learn only on the way, from
// the kernel or from a file that is not there. The messages are those of create where it has one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/caller.h"
#include "runtime/create_plan.h"
#include "spec/findings.h"
#include "spec/types.h"

namespace brig::runtime {

struct PlannedBundle {
  const spec::Spec& spec;
  const CreatePlan& plan;
  const std::string& rootfs;  // absolute, on the host
  const Caller& caller;
};

enum class Severity : bool { Error, Warning };

// "mounts[3].options: unknown option 'rx'": the path apart from the rest, where the text begins
// with one.
spec::Finding finding_of(std::string_view text, Severity severity);

// Hooks that run on the host: their files. Those that run after the start may fail.
void check_hooks(const spec::Hooks& hooks, spec::Findings& findings);

// Calls that brig cannot do without, and namespaces: of the kernel, and allowed here.
void check_kernel(const spec::Spec& spec, spec::Findings& findings);

// All that follow, of a configuration that could be planned.
void check_plan(const PlannedBundle& bundle, spec::Findings& findings);

// args[0], the working directory and the hooks of the container, as the container will see them.
void check_program(const PlannedBundle& bundle, spec::Findings& findings);
// Sources of bind mounts, and filesystems that the kernel has.
void check_mounts(const PlannedBundle& bundle, spec::Findings& findings);
// Limits above what may be set, ids that are not mapped, kernel parameters that do not exist.
void check_process(const PlannedBundle& bundle, spec::Findings& findings);
// Names of system calls that this libseccomp does not know: the rule does not hold for them.
void check_seccomp(const PlannedBundle& bundle, spec::Findings& findings);

}  // namespace brig::runtime
