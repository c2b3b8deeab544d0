#include "linux/cgroup/paths.h"

#include <optional>
#include <utility>

#include "linux/cgroup/parse.h"

namespace brig {

namespace {

constexpr std::string_view kParent = "/brig";

// "a//./b/" -> "/a/b"; nullopt when a component is "..".
std::optional<std::string> rooted(std::string_view path) {
  std::string out;
  for (const std::string_view part : split(path, '/')) {
    if (part == "..") return std::nullopt;
    if (!part.empty() && part != ".") out += cat("/", part);
  }
  return out;
}

std::string below(const std::string& base, const std::string& inner) {
  return base == "/" ? inner : base + inner;
}

CgroupDir dir_in(const CgroupHierarchy& hierarchy, std::string path) {
  return {.mount = hierarchy.mount,
          .path = std::move(path),
          .controllers = join(hierarchy.controllers, ",")};
}

CgroupMode mode_of(const CgroupPaths& paths) {
  if (paths.v1.empty()) return paths.v2.empty() ? CgroupMode::None : CgroupMode::V2;
  return paths.v2.empty() ? CgroupMode::V1 : CgroupMode::Hybrid;
}

CgroupPaths paths_from_top(const CgroupFacts& facts, const std::string& inner) {
  CgroupPaths paths;
  for (const CgroupHierarchy& hierarchy : facts.v1)
    if (!hierarchy.read_only) paths.v1.push_back(dir_in(hierarchy, inner));
  for (const CgroupV2Tree& tree : facts.v2)
    if (!tree.read_only)
      paths.v2.push_back({.mount = tree.mount, .path = inner, .controllers = {}});
  paths.mode = mode_of(paths);
  return paths;
}

std::unexpected<Error> own_unknown(std::string_view path, const std::string& mount) {
  return fail(Errc::Unsupported,
              cat("linux.cgroupsPath: '", path, "' is relative to our own cgroup, which ", mount,
                  " does not show; use an absolute path"));
}

Result<CgroupPaths> relative_paths(std::string_view path, const CgroupFacts& facts,
                                   const std::string& inner) {
  CgroupPaths paths;
  for (const CgroupHierarchy& hierarchy : facts.v1) {
    if (hierarchy.read_only) continue;
    if (hierarchy.own_path.empty()) return own_unknown(path, hierarchy.mount);
    paths.v1.push_back(dir_in(hierarchy, below(hierarchy.own_path, inner)));
  }
  for (const CgroupV2Tree& tree : facts.v2) {
    if (tree.read_only) continue;
    if (tree.own_path.empty()) return own_unknown(path, tree.mount);
    const bool beside = facts.mode == CgroupMode::V2;
    const std::string base = beside ? parent_of(tree.own_path) : tree.own_path;
    paths.v2.push_back({.mount = tree.mount, .path = below(base, inner), .controllers = {}});
  }
  paths.mode = mode_of(paths);
  return paths;
}

CgroupPaths delegated_paths(const CgroupFacts& facts, const std::string& inner) {
  CgroupPaths paths;
  for (const CgroupHierarchy& hierarchy : facts.v1)
    if (!hierarchy.own_path.empty() && !hierarchy.read_only && hierarchy.delegated)
      paths.v1.push_back(dir_in(hierarchy, below(hierarchy.own_path, inner)));
  for (const CgroupV2Tree& tree : facts.v2)
    if (!tree.delegated.empty())
      paths.v2.push_back(
          {.mount = tree.mount, .path = below(tree.delegated, inner), .controllers = {}});
  paths.mode = mode_of(paths);
  return paths;
}

bool is_below_mount(const CgroupDir& dir) {
  return dir.mount.starts_with('/') && dir.path.size() > 1 && rooted(dir.path) == dir.path &&
         rooted(dir.mount) == dir.mount && !dir.path.contains('\0') && !dir.mount.contains('\0');
}

}  // namespace

Result<CgroupPaths> plan_cgroup_paths(std::string_view cgroups_path, const CgroupFacts& facts,
                                      const CgroupRequest& request) {
  if (request.disabled) return CgroupPaths{};
  if (request.systemd) return paths_from_top(facts, request.unit_cgroup);
  if (cgroups_path.empty()) return derived_cgroup_paths(request, facts);
  if (cgroups_path.contains('\0'))
    return fail(Errc::BadConfig, "linux.cgroupsPath: must not contain a NUL byte");
  const std::optional<std::string> inner = rooted(cgroups_path);
  if (!inner) return fail(Errc::BadConfig, "linux.cgroupsPath: must not contain '..'");
  if (inner->empty())
    return fail(Errc::BadConfig, cat("linux.cgroupsPath: '", cgroups_path,
                                     "' is not a cgroup of the container's own"));
  if (cgroups_path.starts_with('/')) return paths_from_top(facts, *inner);
  return relative_paths(cgroups_path, facts, *inner);
}

Result<CgroupPaths> derived_cgroup_paths(const CgroupRequest& request, const CgroupFacts& facts) {
  if (request.disabled) return CgroupPaths{};
  const std::string& id = request.id;
  if (id.empty() || id == "." || id == ".." || id.contains('/') || id.contains('\0'))
    return fail(Errc::BadConfig, cat("container id '", id, "' cannot name a cgroup"));
  const std::string inner = cat(kParent, "/", id);
  return request.root ? paths_from_top(facts, inner) : delegated_paths(facts, inner);
}

Result<> validate_cgroup_paths(const CgroupPaths& paths) {
  for (const std::vector<CgroupDir>* dirs : {&paths.v1, &paths.v2})
    for (const CgroupDir& dir : *dirs)
      if (!is_below_mount(dir))
        return fail(Errc::Denied,
                    cat("'", directory_of(dir), "' is not a cgroup below '", dir.mount, "'"));
  return {};
}

}  // namespace brig
