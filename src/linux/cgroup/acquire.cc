#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "linux/cgroup/apply.h"
#include "linux/cgroup/controllers.h"
#include "linux/cgroup/freezer.h"
#include "linux/cgroup/parse.h"
#include "linux/cgroup/tree.h"
#include "sys/file.h"

namespace brig {

namespace {

// Removes again what was made, unless everything went well.
class CreatedCgroups {
 public:
  CreatedCgroups() = default;
  CreatedCgroups(const CreatedCgroups&) = delete;
  CreatedCgroups& operator=(const CreatedCgroups&) = delete;
  ~CreatedCgroups() {
    for (auto path = paths_.rbegin(); path != paths_.rend(); ++path)
      ignore(sys::rmdir_at(FdRef::cwd(), *path), "somebody may use it by now");
  }
  void add(std::string path) { paths_.push_back(std::move(path)); }
  void keep() { paths_.clear(); }
  void take_from(CreatedCgroups& other) {
    paths_.insert(paths_.end(), other.paths_.begin(), other.paths_.end());
    other.keep();
  }

 private:
  std::vector<std::string> paths_;
};

enum class Made : std::uint8_t { New, Existed };

Result<Made> make_directory(const std::string& path, CreatedCgroups& created) {
  Result<> done = sys::mkdir_at(FdRef::cwd(), path, 0755);
  if (done) {
    created.add(path);
    return Made::New;
  }
  if (done.error().sys_errno() == EEXIST) return Made::Existed;
  return std::unexpected(std::move(done).error());
}

Result<> make_parents(const CgroupDir& dir, CreatedCgroups& created) {
  for (std::size_t end = 1; end < dir.path.size(); ++end)
    if (dir.path[end] == '/') TRY(make_directory(dir.mount + dir.path.substr(0, end), created));
  return {};
}

struct MadeCgroup {
  Made cgroup = Made::New;
  CgroupParents parents = CgroupParents::Existed;
};

Result<MadeCgroup> make_cgroup(const CgroupDir& dir, CreatedCgroups& created) {
  MadeCgroup made;
  // Again when a creator that failed beside us took the parent away that it had made.
  for (int tries = 0;; ++tries) {
    const Result<Made> leaf = make_directory(directory_of(dir), created);
    if (leaf) {
      made.cgroup = *leaf;
      return made;
    }
    if (leaf.error().sys_errno() != ENOENT || tries == 10)
      return std::unexpected(
          Error::system(leaf.error().sys_errno(), cat("mkdir ", directory_of(dir))));
    TRY(make_parents(dir, created));
    made.parents = CgroupParents::New;
  }
}

Result<> refuse_occupied(const CgroupDir& dir) {
  // One system call for the usual answer.
  const bool exists = TRY(sys::exists_at(FdRef::cwd(), directory_of(dir)));
  if (!exists) return {};
  const std::optional<Fd> cgroup = TRY(open_cgroup(dir));
  if (!cgroup) return {};
  const bool frozen = TRY(is_frozen(dir));
  if (frozen)
    return fail(Errc::Exists, cat("container's cgroup ", directory_of(dir), " is frozen"));
  const CgroupMembers members = TRY(members_below(*cgroup));
  if (members.pids.empty() && !members.hidden) return {};
  const std::size_t found = std::max<std::size_t>(members.pids.size(), 1);
  return fail(Errc::Exists, cat("container's cgroup is not empty: ", found,
                                " process(es) found in ", directory_of(dir)));
}

bool is_refusal(const Error& error) {
  const int err = error.sys_errno();
  return err == EACCES || err == EPERM || err == EROFS;
}

bool carries_limits(const CgroupPlan& plan, std::int32_t hierarchy) {
  return std::any_of(plan.writes.begin(), plan.writes.end(), [&](const CgroupWrite& write) {
    return write.hierarchy == hierarchy && !write.may_be_absent;
  });
}

Result<> acquire_v1(const CgroupDir& dir, CgroupHandles& handles, CreatedCgroups& created) {
  CreatedCgroups mine;
  const MadeCgroup made = TRY(make_cgroup(dir, mine));
  if (made.cgroup == Made::Existed) TRY(refuse_occupied(dir));
  for (const std::string_view controller : split(dir.controllers, ','))
    if (controller == "cpuset")
      TRY_DOING(inherit_cpuset(dir), "give ", directory_of(dir), " processors and memory nodes");
  // `tasks`, not cgroup.procs: moving a single thread spares the lock that waits for an RCU
  // grace period.
  Fd tasks = TRY(sys::open_at(FdRef::cwd(), directory_of(dir) + "/tasks", O_WRONLY));
  handles.v1_tasks.push_back(std::move(tasks));
  handles.paths.v1.push_back(dir);
  created.take_from(mine);
  return {};
}

Result<> acquire_v2(const CgroupPlan& plan, CgroupHandles& handles, CreatedCgroups& created) {
  const CgroupDir& dir = plan.paths.v2[0];
  CreatedCgroups mine;
  const MadeCgroup made = TRY(make_cgroup(dir, mine));
  if (made.cgroup == Made::Existed) TRY(refuse_occupied(dir));
  Fd opened = TRY(sys::open_at(FdRef::cwd(), directory_of(dir), O_PATH | O_DIRECTORY));
  TRY(follow_threaded_parents(plan, opened));
  if (!plan.by_systemd) TRY(enable_controllers(plan, opened, made.parents));
  handles.v2_dir = std::move(opened);
  handles.paths.v2.push_back(dir);
  created.take_from(mine);
  return {};
}

// What an optional plan may leave out.
Result<> unless_refused(Result<> done, const CgroupPlan& plan, std::int32_t hierarchy) {
  if (!done && plan.optional && is_refusal(done.error()) && !carries_limits(plan, hierarchy))
    return {};
  return done;
}

CgroupMode mode_of(const CgroupPaths& paths, CgroupMode planned) {
  if (paths.v1.empty() && paths.v2.empty()) return CgroupMode::None;
  if (paths.v1.empty()) return CgroupMode::V2;
  return paths.v2.empty() ? CgroupMode::V1 : planned;
}

}  // namespace

Result<> refuse_occupied_cgroup(const CgroupPaths& paths) {
  for (const std::vector<CgroupDir>* dirs : {&paths.v1, &paths.v2})
    for (const CgroupDir& dir : *dirs) TRY(refuse_occupied(dir));
  return {};
}

Result<CgroupHandles> acquire_cgroup(const CgroupPlan& plan) {
  CgroupHandles handles;
  CreatedCgroups created;
  for (std::size_t i = 0; i < plan.paths.v1.size(); ++i)
    TRY(unless_refused(acquire_v1(plan.paths.v1[i], handles, created), plan,
                       static_cast<std::int32_t>(i)));
  if (!plan.paths.v2.empty())
    TRY(unless_refused(acquire_v2(plan, handles, created), plan, kCgroupV2));
  handles.paths.mode = mode_of(handles.paths, plan.paths.mode);
  created.keep();
  return handles;
}

Result<> complete_managed_cgroup(const CgroupPlan& plan, CgroupHandles& handles) {
  if (plan.paths.v2.empty()) return {};
  const CgroupDir& dir = plan.paths.v2[0];
  if (!handles.v2_dir)
    handles.v2_dir = TRY(sys::open_at(FdRef::cwd(), directory_of(dir), O_PATH | O_DIRECTORY));
  return enable_controllers(plan, handles.v2_dir, CgroupParents::Existed);
}

}  // namespace brig
