#include "linux/container_path.h"

namespace brig {

std::string clean_path(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      out.erase(out.empty() ? 0 : out.find_last_of('/'));
    } else {
      out += '/';
      out += part;
    }
  }
  return out.empty() ? "/" : out;
}

bool is_within(std::string_view path, std::string_view parent) {
  if (!path.starts_with(parent)) return false;
  return path.size() == parent.size() || path[parent.size()] == '/' || parent == "/";
}

}  // namespace brig
