// What commands print on standard output, and the printing.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "runtime/runtime.h"

namespace brig::cli {

// The whole text, or an error; the exit status of a command that only prints.
Result<int> print(std::string_view text);

std::string state_json(const runtime::ContainerState& state);
// runc's list: one line, "null" when there is no container.
std::string list_json(std::span<const runtime::ContainerState> containers);
std::string list_table(std::span<const runtime::ContainerState> containers);

std::string process_ids_json(std::span<const pid_t> pids);

std::string version_text();

}  // namespace brig::cli
