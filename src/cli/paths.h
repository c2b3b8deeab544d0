// A path that the caller wrote. Only text: links are not looked at.
#pragma once

#include <string>
#include <string_view>

namespace brig::cli {

// Without "." and "..", doubled and trailing slashes. `path` is absolute.
std::string clean_path(std::string_view path);

}  // namespace brig::cli
