// Who keeps a wait waiting, for the error that says that it was too long.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace brig {

// "12 (D in rpc_wait_bit_killable) 13 (R)": the state letter of the first few, and where in the
// kernel they wait, as far as it tells.
std::string describe_processes(const std::vector<pid_t>& pids);

// Those of them that do not stand still in a freezer.
std::vector<pid_t> not_frozen(const std::vector<pid_t>& pids);

}  // namespace brig
