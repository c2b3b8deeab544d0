// The caller's environment, as far as brig heeds it.
#pragma once

#include <functional>
#include <string_view>

#include "runtime/runtime.h"

namespace brig::cli {

// Looks a variable up; "" when it is unset.
using Environment = std::function<std::string_view(std::string_view)>;

std::string_view environment(std::string_view name);  // the real one

// NOTIFY_SOCKET, and the descriptors of socket activation: LISTEN_FDS counts only when LISTEN_PID
// says that they are meant for this process (sd_listen_fds(3)).
void take_service_environment(const Environment& variables, pid_t own_pid,
                              runtime::CreateOptions& options);

}  // namespace brig::cli
