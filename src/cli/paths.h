// Paths that the caller wrote. Only text: links are not looked at.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace brig::cli {

Result<std::string> from_working_directory(const std::string& path);  // absolute

// Without "." and "..", doubled and trailing slashes. `path` is absolute.
std::string clean_path(std::string_view path);

}  // namespace brig::cli
