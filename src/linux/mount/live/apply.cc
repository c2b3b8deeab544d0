#include "linux/mount/live/apply.h"

#include <ranges>

#include "sys/mount.h"

namespace brig {

namespace {

// Of a step that attaches something; a link is none.
FdRef mount_of(const MountPlan& plan, std::size_t step, const DetachedMounts& mounts) {
  const MountStep& what = plan.steps[step];
  if (const auto* slot = std::get_if<TreeSlot>(&what.what)) return mounts.trees[slot->index];
  return mounts.filesystems[step] ? FdRef(mounts.filesystems[step]) : FdRef::none();
}

Result<Fd> open_live_mount(const LiveMount& mount, const Root& root) {
  Fd found = TRY(root.open(mount.target, O_PATH));
  const std::uint64_t number = TRY(sys::mount_number(found));
  if (number == mount.number) return found;
  return fail(Errc::Denied, "the path does not lead to what 'mounts add' put there");
}

Result<std::vector<std::uint64_t>> attach_and_number(const MountPlan& plan, Root& root,
                                                     const DetachedMounts& mounts) {
  TRY(attach_mounts(plan, root, mounts));
  TRY(finish_filesystems(plan, mounts));
  std::vector<std::uint64_t> numbers;
  for (const std::size_t step : first_steps(plan)) {
    const std::uint64_t number = TRY(sys::mount_number(mount_of(plan, step, mounts)));
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

Result<std::vector<std::uint64_t>> add_live_mounts(const MountPlan& plan, Root& root,
                                                   const DetachedMounts& mounts, FdRef proc) {
  Result<std::vector<std::uint64_t>> numbers = attach_and_number(plan, root, mounts);
  if (!numbers) undo_live_mounts(plan, mounts, proc);
  return numbers;
}

void undo_live_mounts(const MountPlan& plan, const DetachedMounts& mounts, FdRef proc) {
  for (const std::size_t step : std::views::reverse(first_steps(plan)))
    if (const FdRef mount = mount_of(plan, step, mounts))
      ignore(sys::detach_mount(mount, proc), "EINVAL: it has not come to be attached");
}

Result<> remove_live_mounts(const std::vector<LiveMount>& removed, const Root& root, FdRef proc) {
  std::vector<Fd> opened;
  for (const LiveMount& mount : removed) {
    Fd found = TRY_DOING(open_live_mount(mount, root), mount.json_path,
                         ".destination: ", mount.target.text);
    opened.push_back(std::move(found));
  }
  for (std::size_t i = 0; i < removed.size(); ++i)
    TRY_DOING(sys::detach_mount(opened[i], proc), removed[i].json_path, ": unmount ",
              removed[i].target.text);
  return {};
}

}  // namespace brig
