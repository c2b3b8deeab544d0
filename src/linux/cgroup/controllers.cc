#include "linux/cgroup/controllers.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "linux/cgroup/parse.h"
#include "sys/file.h"

namespace brig {

namespace {

// "/a/b/c" -> {"", "/a", "/a/b", "/a/b/c"}, below the mount point.
std::vector<std::string> levels_of(const CgroupDir& dir) {
  std::vector<std::string> levels = {dir.mount};
  for (std::size_t end = 1; end < dir.path.size(); ++end)
    if (dir.path[end] == '/') levels.push_back(dir.mount + dir.path.substr(0, end));
  levels.push_back(directory_of(dir));
  return levels;
}

struct Refusal {
  std::string controller;
  Error error;
};

std::vector<std::string> missing_from(const std::vector<std::string>& have,
                                      const std::vector<std::string>& wanted) {
  std::vector<std::string> missing;
  for (const std::string& name : wanted)
    if (!contains(have, name)) missing.push_back(name);
  return missing;
}

Result<std::vector<std::string>> read_words(FdRef dir, const std::string& path) {
  const std::string text = TRY(sys::read_file_at(dir, path));
  return words_of(text);
}

// "domain", "domain threaded" (the top of a threaded subtree), "domain invalid", "threaded".
Result<std::string> type_of(FdRef dir, const std::string& path) {
  std::string type = TRY(sys::read_file_at(dir, path));
  while (type.ends_with('\n')) type.pop_back();
  return type;
}

// The kernel refuses memory and I/O control below a cgroup with processes of its own ("no internal
// processes"), but not processor and pids control: those would turn all below into threaded
// cgroups. In those it is as it should be; and the host's root, without a type, may do both.
bool has_internal_processes(const std::string& level) {
  const Result<std::string> type = type_of(FdRef::cwd(), level + "/cgroup.type");
  if (!type || type->ends_with("threaded")) return false;
  const Result<std::string> procs = sys::read_file_at(FdRef::cwd(), level + "/cgroup.procs", 4096);
  return procs ? !procs->empty() : procs.error().sys_errno() == EFBIG;
}

// All at once, then one by one: a controller that cannot be had (real-time tasks, permission)
// must not cost us the others.
void enable_in(const std::string& level, std::vector<Refusal>& refusals) {
  const Result<std::vector<std::string>> available =
      read_words(FdRef::cwd(), level + "/cgroup.controllers");
  const std::string file = level + "/cgroup.subtree_control";
  const Result<std::vector<std::string>> enabled = read_words(FdRef::cwd(), file);
  if (!available || !enabled) return;
  const std::vector<std::string> missing = missing_from(*enabled, *available);
  if (missing.empty()) return;
  const bool internal = has_internal_processes(level);
  if (!internal && sys::write_file_at(FdRef::cwd(), file, cat("+", join(missing, " +")))) return;
  for (const std::string& name : missing) {
    Result<> done = internal ? fail(Errc::System, cat(level, " has processes of its own"))
                             : sys::write_file_at(FdRef::cwd(), file, cat("+", name));
    if (!done) refusals.push_back({.controller = name, .error = std::move(done).error()});
  }
}

std::vector<Refusal> enable_above(const CgroupDir& dir) {
  std::vector<Refusal> refusals;
  std::vector<std::string> levels = levels_of(dir);
  levels.pop_back();
  for (const std::string& level : levels) enable_in(level, refusals);
  return refusals;
}

std::string controller_of(const CgroupWrite& write) {
  return write.file.substr(0, write.file.find('.'));
}

// "cgroup.max.depth" and its like belong to no controller.
bool needs_controller(const CgroupWrite& write) {
  return write.hierarchy == kCgroupV2 && !write.may_be_absent && controller_of(write) != "cgroup";
}

std::vector<std::string> needed_controllers(const CgroupPlan& plan) {
  std::vector<std::string> needed;
  if (plan.wants_all_controllers) needed = plan.v2_controllers;
  for (const CgroupWrite& write : plan.writes)
    if (needs_controller(write) && !contains(needed, controller_of(write)))
      needed.push_back(controller_of(write));
  return needed;
}

// The last refusal is the lowest: above it the controller was there.
Error why_missing(const CgroupPlan& plan, const std::string& controller,
                  std::vector<Refusal>& refusals) {
  const auto refusal = std::find_if(refusals.rbegin(), refusals.rend(),
                                    [&](const Refusal& r) { return r.controller == controller; });
  Error error = refusal != refusals.rend()
                    ? std::move(refusal->error)
                    : Error::make(Errc::Unsupported, "it is not available at the top");
  error.add_context(
      cat("the ", controller, " controller is not enabled for ", directory_of(plan.paths.v2[0])));
  return error;
}

Result<> require_enabled(const CgroupPlan& plan, const std::vector<std::string>& enabled,
                         std::vector<Refusal>& refusals) {
  for (const CgroupWrite& write : plan.writes) {
    const std::string controller = controller_of(write);
    if (!needs_controller(write) || contains(enabled, controller)) continue;
    Error error = why_missing(plan, controller, refusals);
    error.add_context(cat(write.json_path, ": ", write.file));
    return std::unexpected(std::move(error));
  }
  return {};
}

// The kernel's own list (cgroup-v2.rst, "Threads"): the others account by process.
bool works_in_threaded(const std::string& controller) {
  constexpr std::string_view kThreaded[] = {"cpu", "cpuset", "perf_event", "pids"};
  return std::ranges::find(kThreaded, controller) != std::end(kThreaded);
}

Result<> refuse_domain_limits(const CgroupPlan& plan) {
  for (const CgroupWrite& write : plan.writes) {
    const std::string controller = controller_of(write);
    if (!needs_controller(write) || works_in_threaded(controller)) continue;
    return fail(Errc::Unsupported,
                cat(write.json_path, ": ", write.file, ": the ", controller,
                    " controller does not work in threaded cgroups, and ",
                    directory_of(plan.paths.v2[0]), " is in a threaded subtree"));
  }
  return {};
}

// Empty while a cpuset has none; then processes cannot enter (ENOSPC).
Result<std::string> cpuset_value(const std::string& level, const std::string& file) {
  std::string text = TRY(sys::read_file_at(FdRef::cwd(), cat(level, "/", file)));
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

Result<> inherit_cpuset_file(const std::vector<std::string>& levels, const std::string& file) {
  std::string value;
  std::size_t filled = levels.size();
  while (filled > 0 && value.empty()) value = TRY(cpuset_value(levels[--filled], file));
  if (value.empty()) return fail(Errc::System, cat(levels[0], "/", file, " is empty"));
  for (std::size_t i = filled + 1; i < levels.size(); ++i)
    TRY(sys::write_file_at(FdRef::cwd(), cat(levels[i], "/", file), value));
  return {};
}

}  // namespace

Result<> enable_controllers(const CgroupPlan& plan, FdRef cgroup, CgroupParents parents) {
  const std::vector<std::string> needed = needed_controllers(plan);
  if (needed.empty() && parents == CgroupParents::Existed) return {};
  std::vector<std::string> enabled = TRY(read_words(cgroup, "cgroup.controllers"));
  std::vector<Refusal> refusals;
  if (parents == CgroupParents::New || !missing_from(enabled, needed).empty()) {
    refusals = enable_above(plan.paths.v2[0]);
    enabled = TRY(read_words(cgroup, "cgroup.controllers"));
  }
  return require_enabled(plan, enabled, refusals);
}

Result<> follow_threaded_parents(const CgroupPlan& plan, FdRef cgroup) {
  constexpr std::string_view kInvalid = "domain invalid";
  const std::string type = TRY(type_of(cgroup, "cgroup.type"));
  if (type != kInvalid && type != "threaded") return {};
  TRY(refuse_domain_limits(plan));
  for (const std::string& level : levels_of(plan.paths.v2[0])) {
    const std::string file = level + "/cgroup.type";
    const Result<std::string> here = type_of(FdRef::cwd(), file);
    if (here && *here == kInvalid) TRY(sys::write_file_at(FdRef::cwd(), file, "threaded"));
  }
  return {};
}

Result<> inherit_cpuset(const CgroupDir& dir) {
  const std::vector<std::string> levels = levels_of(dir);
  TRY(inherit_cpuset_file(levels, "cpuset.cpus"));
  return inherit_cpuset_file(levels, "cpuset.mems");
}

}  // namespace brig
