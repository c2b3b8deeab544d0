#include "linux/mount/live/plan.h"

#include <algorithm>

#include "linux/container_path.h"
#include "spec/mounts.h"
#include "spec/types.h"

namespace brig {

namespace {

// What fits into one packet with the numbers of all (init/protocol.h).
constexpr std::size_t kMostMounts = 512;

std::string place_of(std::size_t index) {
  return cat("mounts[", index, "]");
}

// A new mount would lie on top of the masks, and what it shows would be seen as it is.
Result<> check_restrictions(const std::vector<std::string>& paths, const char* name,
                            const std::string& target, const std::string& json_path) {
  for (const std::string& path : paths)
    if (is_within(clean_path(path), target))
      return fail(Errc::Denied, cat(json_path, ".destination: ", target, " would cover ",
                                    clean_path(path), ", which is among linux.", name));
  return {};
}

Result<> check(const spec::Spec& container, const spec::Mount& mount,
               const std::string& json_path) {
  const std::string target = clean_path(mount.destination);
  if (target == "/")
    return fail(Errc::BadConfig,
                cat(json_path, ".destination: the root of a running container stays what it is"));
  if (spec::has_option(mount, "remount"))
    return fail(Errc::BadConfig,
                cat(json_path, ".options: remount: nothing that is mounted already is changed"));
  TRY(check_restrictions(container.linux_->masked_paths, "maskedPaths", target, json_path));
  return check_restrictions(container.linux_->readonly_paths, "readonlyPaths", target, json_path);
}

}  // namespace

Result<MountPlan> plan_live_mounts(const spec::Spec& container,
                                   const std::vector<spec::Mount>& added, MountFacts facts,
                                   const CgroupView& view) {
  if (added.size() > kMostMounts)
    return fail(Errc::BadConfig, cat("mounts: at most ", kMostMounts, " at once"));
  for (std::size_t i = 0; i < added.size(); ++i) TRY(check(container, added[i], place_of(i)));
  spec::Spec wanted = container;
  wanted.mounts = added;
  wanted.linux_->masked_paths.clear();
  wanted.linux_->readonly_paths.clear();
  facts.new_mount = false;  // the root is there
  return plan_mounts(wanted, facts, view);
}

Result<std::vector<LiveMount>> plan_removal(const std::vector<spec::Mount>& removed,
                                            const std::vector<LiveMount>& there) {
  std::vector<LiveMount> left = there, found;
  for (std::size_t i = 0; i < removed.size(); ++i) {
    const std::string target = clean_path(removed[i].destination);
    const auto last = std::find_if(left.rbegin(), left.rend(), [&](const LiveMount& mount) {
      return mount.target.text == target;
    });
    if (last == left.rend())
      return fail(Errc::NotFound, cat(place_of(i), ".destination: nothing on ", target,
                                      " was mounted by 'mounts add'"));
    found.push_back(*last);
    found.back().json_path = place_of(i);
    left.erase(std::next(last).base());
  }
  return found;
}

std::vector<std::size_t> first_steps(const MountPlan& plan) {
  std::vector<std::size_t> first;
  for (std::size_t i = 0; i < plan.steps.size(); ++i)
    if (i == 0 || plan.steps[i].json_path != plan.steps[i - 1].json_path) first.push_back(i);
  return first;
}

}  // namespace brig
