#include "cli/paths.h"

#include <algorithm>
#include <cstddef>

#include "base/text.h"

namespace brig::cli {

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
