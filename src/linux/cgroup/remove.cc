#include <fcntl.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "linux/cgroup/blockers.h"
#include "linux/cgroup/control.h"
#include "linux/cgroup/paths.h"
#include "linux/cgroup/tree.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig {

namespace {

// Between two looks at a cgroup whose processes are dying.
constexpr int kFirstPauseMs = 1, kLongestPauseMs = 50;

enum class Left : std::uint8_t { Nothing, Busy };

// With processes or cgroups inside.
bool is_busy(int error) {
  return error == EBUSY || error == ENOTEMPTY;
}

Result<Left> remove_empty_at(FdRef parent, const std::string& name) {
  Result<> done = sys::rmdir_at(parent, name);
  if (done || done.error().sys_errno() == ENOENT) return Left::Nothing;
  if (is_busy(done.error().sys_errno())) return Left::Busy;
  return std::unexpected(std::move(done).error());
}

// Most cgroups are empty when they are removed: then this is all.
Result<Left> remove_empty(const CgroupDir& dir) {
  const std::optional<Fd> mount = TRY(open_cgroup_mount(dir));
  if (!mount) return Left::Nothing;
  const std::size_t slash = dir.path.find_last_of('/');
  const std::string name = dir.path.substr(slash + 1);
  if (slash == 0) return TRY_DOING(remove_empty_at(*mount, name), directory_of(dir));
  const Result<Fd> parent =
      sys::open_beneath(*mount, dir.path.substr(1, slash - 1), O_PATH | O_DIRECTORY);
  if (!parent && parent.error().sys_errno() == ENOENT) return Left::Nothing;
  if (!parent) return std::unexpected(Error::system(parent.error().sys_errno(), directory_of(dir)));
  return TRY_DOING(remove_empty_at(*parent, name), directory_of(dir));
}

// Sub-cgroups first. What is busy stays for the next round.
Result<Left> remove_tree(const CgroupDir& dir) {
  const std::optional<Fd> cgroup = TRY(open_cgroup(dir));
  if (!cgroup) return Left::Nothing;
  CgroupVisitor visitor;
  visitor.leave = [](FdRef parent, const std::string& name) -> Result<> {
    TRY(remove_empty_at(parent, name));
    return {};
  };
  TRY(walk_cgroups(*cgroup, visitor));
  return remove_empty(dir);
}

using RemoveOne = Result<Left> (*)(const CgroupDir&);

// Leaves in `paths` what is still there.
Result<> remove_each(CgroupPaths& paths, RemoveOne remove_one) {
  for (std::vector<CgroupDir>* dirs : {&paths.v1, &paths.v2}) {
    std::vector<CgroupDir> busy;
    for (CgroupDir& dir : *dirs) {
      const Left left = TRY(remove_one(dir));
      if (left == Left::Busy) busy.push_back(std::move(dir));
    }
    *dirs = std::move(busy);
  }
  return {};
}

bool is_empty(const CgroupPaths& paths) {
  return paths.v1.empty() && paths.v2.empty();
}

std::string describe_contents(const CgroupPaths& paths) {
  const Result<std::vector<pid_t>> pids = cgroup_processes(paths);
  if (!pids || pids->empty()) return "it is still busy, with no process that we can see";
  return cat("still has ", pids->size(), " process(es) after SIGKILL: ", describe_processes(*pids));
}

std::unexpected<Error> not_removed(const CgroupPaths& paths) {
  const CgroupDir& dir = paths.v2.empty() ? paths.v1[0] : paths.v2[0];
  return fail(Errc::System,
              cat("remove cgroup ", directory_of(dir), ": ", describe_contents(paths)));
}

}  // namespace

Result<> remove_cgroup(const CgroupPaths& paths, std::int64_t deadline_ms) {
  TRY(validate_cgroup_paths(paths));
  CgroupPaths left = paths;
  TRY(remove_each(left, remove_empty));
  for (int pause_ms = kFirstPauseMs; !is_empty(left);
       pause_ms = std::min(pause_ms * 2, kLongestPauseMs)) {
    // Every time anew: without cgroup.kill a process may have been forked past the last list.
    TRY(kill_cgroup(left, SIGKILL));
    TRY(remove_each(left, remove_tree));
    if (is_empty(left)) return {};
    if (sys::monotonic_ms() >= deadline_ms) return not_removed(left);
    sys::sleep_ms(pause_ms);
  }
  return {};
}

}  // namespace brig
