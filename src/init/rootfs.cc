#include "init/rootfs.h"

#include "init/hook_state.h"
#include "init/terminal.h"
#include "linux/device/apply.h"
#include "linux/hooks/apply.h"
#include "linux/mount/apply.h"
#include "linux/mount/change_root.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig {

RootBuilder::RootBuilder(const InitPlan& plan) : plan_(plan) {
  trees_.reserve(plan.fds.trees.size());
  for (const std::int32_t fd : plan.fds.trees) trees_.push_back(FdRef::number(fd));
}

Result<> RootBuilder::open_trees() {
  if (!plan_.mounts.cloned_by_init) return {};
  own_trees_ = TRY(open_host_trees(plan_.mounts, {}));
  for (const Fd& tree : own_trees_) trees_.emplace_back(tree);
  return {};
}

// Without a mount namespace of its own the container's root is a directory of the namespace that
// it shares, which may be another one than the parent's.
Result<> RootBuilder::open_root() {
  const RootPlan& root = plan_.mounts.root;
  if (root.change != RootChange::ChrootOnly) {
    root_ = trees_[root.tree.index];
    return {};
  }
  directory_ = TRY_DOING(sys::open_at(FdRef::cwd(), root.path, O_PATH | O_DIRECTORY), "root.path");
  root_ = directory_;
  return {};
}

Result<> RootBuilder::make_live_filesystems() {
  std::vector<Fd> made;
  for (const std::int32_t fd : plan_.fds.filesystems) made.emplace_back(fd);
  filesystems_ = TRY(brig::make_filesystems(plan_.mounts, std::move(made)));
  return {};
}

Result<> RootBuilder::make_filesystems() {
  TRY(open_root());
  filesystems_ = TRY(brig::make_filesystems(plan_.mounts));
  return {};
}

FdRef RootBuilder::devpts() const {
  const std::int32_t step = plan_.mounts.devpts_step;
  return step < 0 ? FdRef::none() : FdRef(filesystems_[static_cast<std::size_t>(step)]);
}

bool RootBuilder::has_hooks() const {
  return plan_.hooks_of_parent || !plan_.create_container.empty();
}

Result<> RootBuilder::build(const Init& init) {
  const RootPlan& root = plan_.mounts.root;
  Root inside(root_);
  if (has_hooks() && root.change != RootChange::ChrootOnly) {
    TRY(attach_root_at_path(root, root_));
    TRY(fill(init, inside));
    TRY(run_hooks(init));
    init.stage = Stage::Root;
    TRY(change_root(root, root_, RootAttached::Yes));
  } else {
    if (has_hooks()) TRY(run_hooks(init));
    init.stage = Stage::Root;
    TRY(change_root(root, root_, RootAttached::No));
    TRY(fill(init, inside));
  }
  init.stage = Stage::Restrictions;
  TRY(finish_filesystems(plan_.mounts, {trees_, filesystems_}));
  TRY(restrict_paths(plan_.mounts, inside, {trees_, filesystems_}));
  if (root.change == RootChange::ChrootOnly) return {};
  return finish_root(root, root_);
}

Result<> RootBuilder::fill(const Init& init, Root& inside) {
  // Modes are the configuration's own from here on; the container's umask comes last.
  sys::set_umask(0);
  init.stage = Stage::Mounts;
  TRY(attach_mounts(plan_.mounts, inside, {trees_, filesystems_}));
  TRY(place_console(init, inside));
  init.stage = Stage::Devices;
  TRY(apply_devices(plan_.devices, inside));
  // A working directory that the image lacks is made, as engines expect; on a file system that
  // is read-only the process will say what is wrong when it enters it.
  if (plan_.exec.cwd != "/") ignore(inside.ensure_dir({plan_.exec.cwd}), "entering it will tell");
  return {};
}

Result<> RootBuilder::run_hooks(const Init& init) {
  init.stage = Stage::Hooks;
  if (plan_.hooks_of_parent) TRY(init.parent.ask<Done>(RunHooksRequest{}));
  const std::string state = hook_state_json(plan_.identity, "creating", sys::own_pid());
  for (const Hook& hook : plan_.create_container) TRY(run_hook(hook, hook_context(plan_, state)));
  return {};
}

}  // namespace brig
