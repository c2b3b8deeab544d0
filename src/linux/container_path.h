// Pure text work on container paths.
#pragma once

#include <string>
#include <string_view>

namespace brig {

// "/a//b/./c/../d/" and "a/b/d" -> "/a/b/d": always absolute, never above "/". Text only; what
// links mean is settled by openat2(2) when the path is opened.
std::string clean_path(std::string_view path);

// Whether a cleaned path is `parent` or below it.
bool is_within(std::string_view path, std::string_view parent);

}  // namespace brig
