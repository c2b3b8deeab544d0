#include "linux/cgroup/join.h"

#include <algorithm>

#include "linux/cgroup/parse.h"
#include "linux/cgroup/paths.h"
#include "sys/file.h"

namespace brig {

namespace {

struct Subpath {
  std::vector<std::string_view> controllers;  // empty: everywhere
  std::string_view path;
};

Subpath parse_subpath(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return {.controllers = {}, .path = text};
  return {.controllers = split(text.substr(0, colon), ','), .path = text.substr(colon + 1)};
}

bool concerns(const Subpath& subpath, const CgroupDir& dir) {
  if (subpath.controllers.empty()) return true;
  const std::vector<std::string_view> here = split(dir.controllers, ',');
  return std::ranges::any_of(subpath.controllers, [&](std::string_view controller) {
    return std::ranges::find(here, controller) != here.end();
  });
}

// "/a/b" or "a/b/" or "/" below the container's cgroup; never beside or above it.
Result<std::string> below(const CgroupDir& dir, std::string_view path) {
  std::string out = dir.path;
  for (const std::string_view part : split(path, '/')) {
    if (part == ".." || part.contains('\0'))
      return fail(Errc::BadConfig,
                  cat("--cgroup: '", path, "' leads out of the container's cgroup"));
    if (!part.empty() && part != ".") out += cat("/", part);
  }
  return out;
}

Result<std::size_t> descend(std::vector<CgroupDir>& dirs, const Subpath& subpath) {
  std::size_t found = 0;
  for (CgroupDir& dir : dirs) {
    if (!concerns(subpath, dir)) continue;
    dir.path = TRY(below(dir, subpath.path));
    ++found;
  }
  return found;
}

}  // namespace

Result<CgroupPaths> plan_joined_cgroup(const CgroupPaths& container,
                                       const std::vector<std::string>& below) {
  CgroupPaths paths = container;
  for (const std::string& text : below) {
    const Subpath subpath = parse_subpath(text);
    const std::size_t v1 = TRY(descend(paths.v1, subpath));
    const std::size_t v2 = TRY(descend(paths.v2, subpath));
    if (v1 + v2 == 0)
      return fail(Errc::BadConfig, cat("--cgroup: '", text, "': the container has no such cgroup"));
  }
  return paths;
}

Result<CgroupHandles> open_joined_cgroup(const CgroupPaths& paths) {
  CgroupHandles handles{.paths = paths, .v2_dir = {}, .v1_tasks = {}};
  for (const CgroupDir& dir : paths.v1) {
    // `tasks` for the reason that acquire.cc gives.
    Fd tasks = TRY(sys::open_at(FdRef::cwd(), directory_of(dir) + "/tasks", O_WRONLY));
    handles.v1_tasks.push_back(std::move(tasks));
  }
  for (const CgroupDir& dir : paths.v2)
    handles.v2_dir = TRY(sys::open_at(FdRef::cwd(), directory_of(dir), O_PATH | O_DIRECTORY));
  return handles;
}

CgroupPaths follow_v2_member(const CgroupPaths& container, std::string_view own_cgroup) {
  CgroupPaths paths = container;
  for (const std::string_view line : split(own_cgroup, '\n')) {
    if (!line.starts_with("0::/") || paths.v2.empty()) continue;
    const std::string_view path = line.substr(3);
    // Nowhere but below: what the container's processes see of it is not trusted further.
    if (path.starts_with(container.v2[0].path + "/")) paths.v2[0].path = path;
  }
  return paths;
}

}  // namespace brig
