#include <algorithm>

#include "base/host_paths.h"
#include "linux/container_path.h"
#include "runtime/inspect/host_checks.h"
#include "runtime/inspect/kernel.h"
#include "sys/file.h"

namespace brig::runtime {

namespace {

// Cgroups that create makes before it binds them.
bool is_own_cgroup(const std::string& source, const CgroupPaths& paths) {
  const auto covers = [&](const CgroupDir& dir) { return is_within(source, directory_of(dir)); };
  return std::ranges::any_of(paths.v1, covers) || std::ranges::any_of(paths.v2, covers);
}

void check_source(const HostTree& tree, spec::Findings& findings) {
  const int flags = tree.follow ? O_PATH : O_PATH | O_NOFOLLOW;
  const Result<Fd> source = sys::open_at(FdRef::cwd(), tree.source, flags);
  if (source) return;
  findings.push_back({.path = tree.json_path,
                      .what = cat("bind ", tree.source, ": ", source.error().message()),
                      .remedy = "make it, or take the mount out"});
}

void check_filesystem(const MountStep& step, const std::string& known, const std::string& modules,
                      spec::Findings& findings) {
  const auto* const wanted = std::get_if<NewFilesystem>(&step.what);
  if (wanted == nullptr || has_filesystem(known, wanted->type)) return;
  if (is_filesystem_module(modules, wanted->type)) return;
  findings.push_back({.path = step.json_path,
                      .what = cat("mount ", wanted->type, " on ", step.target.text,
                                  ": this kernel has no filesystem ", spec::quote(wanted->type)),
                      .remedy =
                          "load its module, or take the mount out; a directory of the host is "
                          "mounted with the option 'bind'"});
}

}  // namespace

void check_mounts(const PlannedBundle& bundle, spec::Findings& findings) {
  const MountPlan& plan = bundle.plan.init.mounts;
  for (const HostTree& tree : plan.trees)
    if (!is_own_cgroup(tree.source, bundle.plan.cgroup.paths)) check_source(tree, findings);
  const std::string known = filesystems_text();
  if (known.empty()) return;  // no procfs: nothing is known
  const std::string modules = module_aliases_text();
  for (const MountStep& step : plan.steps) check_filesystem(step, known, modules, findings);
}

}  // namespace brig::runtime
