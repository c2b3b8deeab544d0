#include "linux/cgroup/ownership/apply.h"

#include <cerrno>
#include <string>
#include <vector>

#include "base/host_paths.h"
#include "linux/cgroup/parse.h"
#include "sys/cgroup.h"
#include "sys/file.h"

namespace brig {

namespace {

// Since Linux 4.15 the kernel says what may be given away. Some of it belongs to controllers that
// this cgroup may not have.
std::vector<std::string> delegated_files() {
  const Result<std::string> names = sys::read_file_at(FdRef::cwd(), host_paths::kCgroupDelegate);
  if (names) return words_of(*names);
  return {"cgroup.procs", "cgroup.subtree_control", "cgroup.threads"};
}

}  // namespace

Result<> apply_cgroup_owner(FdRef cgroup, uid_t owner) {
  TRY(sys::chown_at(cgroup, ".", owner));
  for (const std::string& file : delegated_files()) {
    Result<> done = sys::chown_at(cgroup, file, owner);
    if (!done && done.error().sys_errno() != ENOENT) return done;
  }
  return {};
}

}  // namespace brig
