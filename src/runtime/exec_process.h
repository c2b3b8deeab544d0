// Which process `exec` runs: the container's own, with the caller's changes.
#pragma once

#include <string>

#include "base/error.h"
#include "runtime/runtime.h"
#include "spec/types.h"

namespace brig::runtime {

// The container's own files; empty where they were not needed or cannot be read.
struct UserDatabase {
  std::string passwd, group;
};

// Whether the names in --user have to be looked up.
bool names_user(const ExecOptions& options);

Result<spec::Process> plan_exec_process(const spec::Process& of_container,
                                        const ExecOptions& options, const UserDatabase& users);

}  // namespace brig::runtime
