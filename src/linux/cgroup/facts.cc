#include "linux/cgroup/facts.h"

#include <linux/magic.h>

#include <algorithm>
#include <optional>

#include "base/host_paths.h"
#include "linux/cgroup/parse.h"
#include "sys/cgroup.h"
#include "sys/file.h"

namespace brig {

namespace {

// Hosts with thousands of containers have mount tables of several megabytes.
constexpr std::size_t kMountinfoLimit = std::size_t{256} << 20;

struct CgroupMount {
  std::string root;  // the cgroup that is mounted: not "/" in containers without a namespace
  std::string mount;
  bool v2 = false, read_only = false;
  std::vector<std::string> options;  // of the filesystem: v1 has its controllers there
};

struct OwnCgroup {
  std::vector<std::string> controllers;  // none: v2
  std::string path;
};

// "36 35 0:31 ROOT MOUNT rw,relatime shared:9 - cgroup SOURCE rw,cpu,cpuacct": the fields before
// the dash vary in number (proc_pid_mountinfo(5)).
std::optional<CgroupMount> parse_cgroup_mount(std::string_view line) {
  const std::size_t dash = line.find(" - cgroup");
  if (dash == std::string_view::npos) return std::nullopt;
  const std::vector<std::string_view> before = split(line.substr(0, dash), ' ');
  const std::vector<std::string_view> after = split(line.substr(dash + 3), ' ');
  if (before.size() < 6 || after.size() < 3) return std::nullopt;
  if (after[0] != "cgroup" && after[0] != "cgroup2") return std::nullopt;
  CgroupMount found{.root = unescape_mount_path(before[3]),
                    .mount = unescape_mount_path(before[4]),
                    .v2 = after[0] == "cgroup2",
                    .options = {}};
  for (const std::string_view option : split(after[2], ',')) found.options.emplace_back(option);
  // The mount's own options are before the dash, the filesystem's after it.
  found.read_only = split(before[5], ',')[0] == "ro" || contains(found.options, "ro");
  return found;
}

std::vector<CgroupMount> parse_cgroup_mounts(std::string_view mountinfo) {
  std::vector<CgroupMount> mounts;
  for (const std::string_view line : split(mountinfo, '\n'))
    if (std::optional<CgroupMount> found = parse_cgroup_mount(line))
      mounts.push_back(std::move(*found));
  return mounts;
}

// "4:cpu,cpuacct:/path", "0::/path"; a path may hold further colons.
std::vector<OwnCgroup> parse_self_cgroup(std::string_view text) {
  std::vector<OwnCgroup> found;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    OwnCgroup own{.controllers = {}, .path = std::string(line.substr(second + 1))};
    for (const std::string_view name : split(line.substr(first + 1, second - first - 1), ','))
      own.controllers.emplace_back(name);
    found.push_back(std::move(own));
  }
  return found;
}

// Where `path` (as /proc/self/cgroup has it) is below a mount that shows only `root` and what is
// under it. Empty: not there, or outside of our cgroup namespace ("/../x").
std::string path_below(const std::string& root, const std::string& path) {
  if (path.starts_with("/..")) return {};
  if (root == "/") return path;
  if (path == root) return "/";
  return path.starts_with(root + "/") ? path.substr(root.size()) : std::string();
}

bool shows(const CgroupMount& mount, const OwnCgroup& own) {
  if (mount.v2) return own.controllers.empty();
  return !own.controllers.empty() &&
         std::all_of(own.controllers.begin(), own.controllers.end(),
                     [&](const std::string& name) { return contains(mount.options, name); });
}

// The whole tree rather than a part of it, else the first: later ones are views for others.
const CgroupMount* mount_of(const std::vector<CgroupMount>& mounts, const OwnCgroup& own) {
  const CgroupMount* best = nullptr;
  for (const CgroupMount& mount : mounts)
    if (shows(mount, own) && (best == nullptr || (best->root != "/" && mount.root == "/")))
      best = &mount;
  return best;
}

CgroupMode mode_of(const CgroupFacts& facts) {
  if (facts.v1.empty()) return facts.v2.empty() ? CgroupMode::None : CgroupMode::V2;
  return facts.v2.empty() ? CgroupMode::V1 : CgroupMode::Hybrid;
}

// To be born in (or moved to) a new cgroup takes the right to create it and to write the common
// ancestor's cgroup.procs (cgroups(7), "delegation containment").
bool may_create_below(const std::string& mount, const std::string& path) {
  const std::string dir = mount + (path == "/" ? "" : path);
  return sys::may_write(dir) && sys::may_write(dir + "/cgroup.procs");
}

// The parent first: our own cgroup has processes, so that it cannot hand down memory or I/O
// control ("no internal processes").
std::string delegated_in(const CgroupV2Tree& tree) {
  if (tree.own_path.empty()) return {};
  for (const std::string& path : {parent_of(tree.own_path), tree.own_path})
    if (may_create_below(tree.mount, path)) return path;
  return {};
}

Result<> read_v2_details(const CgroupNeeds& needs, CgroupV2Tree& tree) {
  if (needs.v2_controllers) {
    const std::string names =
        TRY(sys::read_file_at(FdRef::cwd(), tree.mount + "/cgroup.controllers"));
    tree.controllers = words_of(names);
  }
  if (needs.own_path) tree.delegated = delegated_in(tree);
  return {};
}

Result<std::string> read_self_cgroup() {
  return sys::read_file_at(FdRef::cwd(), cat(host_paths::kProc, "/self/cgroup"));
}

Result<CgroupFacts> probe_pure_v2(const CgroupNeeds& needs, const sys::MountedFs& top) {
  CgroupFacts facts;
  facts.mode = CgroupMode::V2;
  facts.v2.resize(1);
  facts.v2[0].mount = host_paths::kCgroup;
  facts.v2[0].read_only = top.read_only;
  if (needs.own_path) {
    const std::string text = TRY(read_self_cgroup());
    for (const OwnCgroup& own : parse_self_cgroup(text))
      if (own.controllers.empty()) facts.v2[0].own_path = path_below("/", own.path);
  }
  TRY(read_v2_details(needs, facts.v2[0]));
  return facts;
}

}  // namespace

CgroupFacts cgroup_facts_from(std::string_view mountinfo, std::string_view self_cgroup) {
  const std::vector<CgroupMount> mounts = parse_cgroup_mounts(mountinfo);
  CgroupFacts facts;
  for (OwnCgroup& own : parse_self_cgroup(self_cgroup)) {
    const CgroupMount* mount = mount_of(mounts, own);
    if (mount == nullptr) continue;
    const std::string path = path_below(mount->root, own.path);
    if (mount->v2)
      facts.v2 = {{.mount = mount->mount,
                   .controllers = {},
                   .own_path = path,
                   .delegated = {},
                   .read_only = mount->read_only}};
    else
      facts.v1.push_back({.mount = mount->mount,
                          .controllers = std::move(own.controllers),
                          .own_path = path,
                          .read_only = mount->read_only});
  }
  facts.mode = mode_of(facts);
  return facts;
}

Result<CgroupFacts> probe_cgroup_facts(const CgroupNeeds& needs) {
  const Result<sys::MountedFs> top = sys::filesystem_at(host_paths::kCgroup);
  if (top && top->magic == CGROUP2_SUPER_MAGIC) return probe_pure_v2(needs, *top);
  const std::string mountinfo = TRY(
      sys::read_file_at(FdRef::cwd(), cat(host_paths::kProc, "/self/mountinfo"), kMountinfoLimit));
  const std::string self = TRY(read_self_cgroup());
  CgroupFacts facts = cgroup_facts_from(mountinfo, self);
  for (CgroupV2Tree& tree : facts.v2) TRY(read_v2_details(needs, tree));
  if (needs.own_path)
    for (CgroupHierarchy& hierarchy : facts.v1)
      hierarchy.delegated = may_create_below(hierarchy.mount, hierarchy.own_path);
  return facts;
}

}  // namespace brig
