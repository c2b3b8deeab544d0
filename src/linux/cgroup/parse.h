// The kernel's small text formats of cgroup files.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/split.h"

namespace brig {

// Words between blanks and newlines: cgroup.controllers.
std::vector<std::string> words_of(std::string_view text);
bool contains(const std::vector<std::string>& names, std::string_view name);

// "\040" -> " ": how mountinfo writes blanks, tabs, newlines and backslashes.
std::string unescape_mount_path(std::string_view text);

// "/a/b" -> "/a", "/a" -> "/": the path of the cgroup above.
std::string parent_of(const std::string& path);

// cgroup.procs; processes of pid namespaces that we cannot see read as 0 and are left out.
std::vector<pid_t> pids_of(std::string_view text);

// The number behind a key of cgroup.events: event_value("populated 1\nfrozen 0\n", "frozen") == 0
std::optional<int> event_value(std::string_view text, std::string_view key);

}  // namespace brig
