#include "linux/cgroup/tree.h"

#include <fcntl.h>
#include <linux/magic.h>

#include <cerrno>
#include <utility>

#include "linux/cgroup/parse.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig {

namespace {

constexpr int kDirectory = O_RDONLY | O_DIRECTORY;
constexpr std::size_t kProcsLimit = std::size_t{64} << 20;  // pid_max processes fit

// A cgroup that is being removed: its files are gone first (ENODEV), then itself.
bool is_gone(int error) {
  return error == ENOENT || error == ENODEV;
}

Result<std::vector<std::string>> cgroups_in(FdRef dir) {
  std::vector<std::string> found;
  const struct stat info = TRY(sys::fstat(dir));
  if (info.st_nlink == 2) return found;  // kernfs counts sub-directories there
  Result<std::vector<std::string>> names = sys::list_dir(dir);
  if (!names && is_gone(names.error().sys_errno())) return found;
  if (!names) return names;
  for (std::string& name : *names)
    if (sys::open_beneath(dir, name, O_PATH | O_DIRECTORY)) found.push_back(std::move(name));
  return found;
}

// Where the walk stands: the cgroups still to be entered on each level above and here.
struct Level {
  std::string name;
  std::vector<std::string> pending;
};

struct Walk {
  const CgroupVisitor& visitor;
  Fd here;
  std::vector<Level> levels;
};

Result<> arrive(Walk& walk, std::string name) {
  TRY(walk.visitor.enter(walk.here));
  std::vector<std::string> pending = TRY(cgroups_in(walk.here));
  walk.levels.push_back({.name = std::move(name), .pending = std::move(pending)});
  return {};
}

Result<> go_up(Walk& walk) {
  const std::string name = std::move(walk.levels.back().name);
  walk.levels.pop_back();
  if (walk.levels.empty()) return {};
  // Cgroups never move to another parent, so ".." is the way we came.
  walk.here = TRY(sys::open_at(walk.here, "..", kDirectory));
  return walk.visitor.leave(walk.here, name);
}

}  // namespace

Result<std::optional<Fd>> open_cgroup_mount(const CgroupDir& dir) {
  Result<Fd> mount = sys::open_at(FdRef::cwd(), dir.mount, O_PATH | O_DIRECTORY);
  if (!mount && mount.error().sys_errno() == ENOENT) return std::nullopt;
  if (!mount) return std::unexpected(std::move(mount).error());
  const std::uint32_t magic = TRY(sys::fs_magic(*mount));
  const std::uint32_t expected = dir.controllers.empty() ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC;
  if (magic != expected)
    return fail(Errc::Denied, cat(dir.mount, " is not a ",
                                  dir.controllers.empty() ? "cgroup2" : "cgroup", " filesystem"));
  return std::move(*mount);
}

Result<std::optional<Fd>> open_cgroup(const CgroupDir& dir) {
  const std::optional<Fd> mount = TRY(open_cgroup_mount(dir));
  if (!mount) return std::nullopt;
  Result<Fd> opened = sys::open_beneath(*mount, dir.path.substr(1), kDirectory);
  if (!opened && opened.error().sys_errno() == ENOENT) return std::nullopt;
  if (!opened) {
    opened.error().add_context(cat("cgroup ", directory_of(dir)));
    return std::unexpected(std::move(opened).error());
  }
  return std::move(*opened);
}

Result<std::optional<std::string>> read_cgroup_file(FdRef cgroup, const std::string& file) {
  Result<std::string> text = sys::read_file_at(cgroup, file, kProcsLimit);
  if (text) return std::move(*text);
  if (is_gone(text.error().sys_errno())) return std::nullopt;
  return std::unexpected(std::move(text).error());
}

Result<> walk_cgroups(FdRef top, const CgroupVisitor& visitor) {
  Walk walk{.visitor = visitor, .here = {}, .levels = {}};
  walk.here = TRY(sys::open_at(top, ".", kDirectory));
  TRY(arrive(walk, {}));
  while (!walk.levels.empty()) {
    Level& level = walk.levels.back();
    if (level.pending.empty()) {
      TRY(go_up(walk));
      continue;
    }
    std::string name = std::move(level.pending.back());
    level.pending.pop_back();
    Result<Fd> child = sys::open_beneath(walk.here, name, kDirectory);
    if (!child && is_gone(child.error().sys_errno())) continue;
    if (!child) return std::unexpected(std::move(child).error());
    walk.here = std::move(*child);
    TRY(arrive(walk, std::move(name)));
  }
  return {};
}

namespace {

// A threaded cgroup does not say its processes, which may have threads elsewhere in the subtree.
// A process is taken to be where its first thread is.
Result<std::optional<std::string>> read_first_threads(FdRef cgroup) {
  std::optional<std::string> text = TRY(read_cgroup_file(cgroup, "cgroup.threads"));
  if (!text) return text;
  std::string firsts;
  for (const std::string_view line : split(*text, '\n')) {
    const std::vector<pid_t> tids = pids_of(line);
    const bool hidden = line == "0";
    if (hidden || (!tids.empty() && sys::pidfd_open(tids[0]))) firsts += cat(line, "\n");
  }
  return firsts;
}

}  // namespace

Result<CgroupMembers> members_below(FdRef top) {
  CgroupMembers members;
  const auto enter = [&](FdRef cgroup) -> Result<> {
    Result<std::optional<std::string>> text = read_cgroup_file(cgroup, "cgroup.procs");
    if (!text && text.error().sys_errno() == EOPNOTSUPP) text = read_first_threads(cgroup);
    if (!text) return std::unexpected(std::move(text).error());
    if (!*text) return {};
    const std::vector<pid_t> pids = pids_of(**text);
    members.pids.insert(members.pids.end(), pids.begin(), pids.end());
    members.hidden |= (*text)->starts_with("0\n") || (*text)->contains("\n0\n");
    return {};
  };
  CgroupVisitor visitor;
  visitor.enter = enter;
  TRY(walk_cgroups(top, visitor));
  return members;
}

}  // namespace brig
