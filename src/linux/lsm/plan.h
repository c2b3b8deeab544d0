// The security label that the container's program runs under: process.apparmorProfile or
// process.selinuxLabel. The kernel gives it at the execve(2), to whoever has written it to an
// attribute of its own before (proc_pid_attr(5)).
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "linux/lsm/facts.h"

namespace brig {

namespace spec {
struct Process;
}

struct LabelPlan {
  std::string attribute;  // below procfs: "thread-self/attr/exec"
  std::string value;
  bool operator==(const LabelPlan&) const = default;
};

// Without knowing the host: whether there is a label at all.
bool asks_for_label(const spec::Process& process);

// A label for a module that the host does not run is an error: the container would be less
// confined than it was meant to be.
Result<std::optional<LabelPlan>> plan_label(const spec::Process& process, const LsmFacts& facts);

// The label of the container's file systems (linux.mountLabel) needs SELinux too.
Result<> check_mount_label(const std::string& label, const LsmFacts& facts);

}  // namespace brig
