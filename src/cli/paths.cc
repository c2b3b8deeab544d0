#include "cli/paths.h"

#include <algorithm>
#include <cstddef>

#include "base/text.h"
#include "sys/process.h"

namespace brig::cli {

Result<std::string> from_working_directory(const std::string& path) {
  if (path.starts_with('/')) return path;
  const std::string here = TRY(sys::current_directory());
  return cat(here, "/", path);
}

std::string clean_path(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (name.empty() || name == ".") continue;
    if (name == "..")
      out.resize(std::min(out.rfind('/'), out.size()));
    else
      out += cat("/", name);
  }
  return out.empty() ? "/" : out;
}

}  // namespace brig::cli
