#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/error.h"
#include "linux/resctrl/plan.h"
#include "sys/fd.h"

namespace brig {

// The host's resctrl file system, checked to be one; an error where it is not mounted.
Result<Fd> open_resctrl();

// In the order of use: the group's directories are made, or found as the configuration wants them;
// then a group that was made gets its schemata; then a process enters, with all of its later
// children. Only directories that were not there before are in `made`.
Result<> acquire_resctrl(FdRef resctrl, const ResctrlPlan& plan, std::vector<std::string>& made);
Result<> fill_resctrl(FdRef resctrl, const ResctrlPlan& plan, const std::vector<std::string>& made);
Result<> enter_resctrl(FdRef resctrl, const ResctrlGroup& group, pid_t pid);

// Of a group that is in use.
Result<std::string> read_schemata(FdRef resctrl, const ResctrlGroup& group);
Result<> write_schemata(FdRef resctrl, const ResctrlGroup& group, std::string_view lines);

// What `made` names, and what a container has of its own. What is gone already is no error.
Result<> undo_resctrl(FdRef resctrl, const std::vector<std::string>& made);
Result<> remove_resctrl(FdRef resctrl, const ResctrlGroup& group);

}  // namespace brig
