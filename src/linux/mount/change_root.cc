#include "linux/mount/change_root.h"

#include <fcntl.h>
#include <sys/mount.h>

#include "sys/file.h"
#include "sys/mount.h"
#include "sys/process.h"

namespace brig {

namespace {

// The tree covers "/" itself: a place that every process can name, whatever the permissions on
// the way to the rootfs. The process stays in the covered root until it changes.
Result<> cover_root(FdRef tree) {
  const Fd slash = TRY(sys::open_at(FdRef::cwd(), "/", O_PATH | O_DIRECTORY));
  return sys::attach_mount(tree, slash);
}

Result<> pivot() {
  // Without a put_old directory: the old root ends up on top of the new one, at ".", and is
  // detached from there at once (pivot_root(2), since Linux 3.17).
  TRY(sys::pivot_root_here());
  TRY(sys::detach_mount("."));
  return sys::change_directory("/");
}

}  // namespace

Result<> stop_propagation() {
  return sys::set_mount_attributes_at("/", {.propagation = MS_SLAVE}, sys::Recursive::Yes);
}

Result<> attach_root_at_path(const RootPlan& plan, FdRef tree) {
  const Fd place = TRY(sys::open_at(FdRef::cwd(), plan.path, O_PATH | O_DIRECTORY));
  return sys::attach_mount(tree, place);
}

Result<> change_root(const RootPlan& plan, FdRef root, RootAttached attached) {
  if (plan.change != RootChange::ChrootOnly && attached == RootAttached::No) TRY(cover_root(root));
  TRY(sys::change_directory(root));
  if (plan.change == RootChange::PivotRoot) return pivot();
  TRY(sys::change_root_here());
  return sys::change_directory("/");
}

}  // namespace brig
