#include "init/change_mounts.h"

#include "base/host_paths.h"
#include "init/namespaces.h"
#include "init/rootfs.h"
#include "linux/mount/live/apply.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig {

namespace {

Result<Fd> open_root() {
  return sys::open_at(FdRef::cwd(), "/", O_PATH | O_DIRECTORY);
}

// Committed by the parent's answer: one that has died, or cannot keep the record, gets no mounts.
Result<> add(const Init& init, RootBuilder& builder, FdRef proc) {
  const MountPlan& plan = init.plan.mounts;
  init.stage = Stage::Filesystems;
  TRY(builder.make_live_filesystems());
  init.stage = Stage::Mounts;
  const Fd directory = TRY(open_root());
  Root root(directory);
  sys::set_umask(0);  // the modes of missing directories are as at create
  std::vector<std::uint64_t> numbers = TRY(add_live_mounts(plan, root, builder.detached(), proc));
  const Result<Done> answer = init.parent.ask<Done>(MountsAdded{std::move(numbers)});
  if (answer) return {};
  undo_live_mounts(plan, builder.detached(), proc);
  return std::unexpected(Error::relayed(answer.error().code(), 0, answer.error().frames()));
}

// In sight of the container, if it likes: this process is not dumpable, brig's own file is a
// read-only clone, and there is nothing else to find.
Result<> make_for_another(const Init& init) {
  init.stage = Stage::Namespaces;
  TRY(enter_namespaces(init));
  init.stage = Stage::Filesystems;
  const std::vector<Fd> made = TRY(make_filesystems(init.plan.mounts));
  for (std::size_t i = 0; i < made.size(); ++i) {
    const FdRef mount = made[i];
    TRY(init.parent.send(FilesystemMade{static_cast<std::uint32_t>(i)}, {&mount, 1}));
    TRY(init.parent.expect<Done>());
  }
  return {};
}

Result<> remove(const Init& init, FdRef proc) {
  init.stage = Stage::Mounts;
  const Fd directory = TRY(open_root());
  return remove_live_mounts(init.plan.mount_change->removed, Root(directory), proc);
}

Result<> change(const Init& init) {
  const MountChange& change = *init.plan.mount_change;
  if (change.only_makes) return make_for_another(init);
  const Fd proc = TRY(sys::open_at(FdRef::cwd(), host_paths::kProc, O_PATH | O_DIRECTORY));
  init.stage = Stage::Namespaces;
  RootBuilder builder(init.plan);
  TRY(take_steps(init, change.source));
  TRY(builder.open_trees());
  TRY(enter_namespaces(init));
  // From here on "/" is the container's root, and no host path can be named.
  return change.removed.empty() ? add(init, builder, proc) : remove(init, proc);
}

}  // namespace

void change_mounts(const Init& init) noexcept {
  const Result<> done = change(init);
  if (!done)
    ignore(init.parent.send(describe_failure(done.error())), "the exit status tells as well");
  sys::exit_now(done ? 0 : 1);
}

}  // namespace brig
