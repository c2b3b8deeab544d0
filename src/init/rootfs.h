// Builds the container's file system tree.
#pragma once

#include <vector>

#include "base/error.h"
#include "init/isolate.h"
#include "linux/mount/apply.h"
#include "linux/root.h"
#include "sys/fd.h"

namespace brig {

class RootBuilder {
 public:
  explicit RootBuilder(const InitPlan& plan);

  // Where the parent may not clone the host's mounts: in a mount namespace of our own we may.
  Result<> open_trees();

  // While the host's procfs and sysfs are visible: in a user namespace the kernel mounts new
  // ones only then.
  Result<> make_filesystems();

  // In a container that is there, whose root stays.
  Result<> make_live_filesystems();
  [[nodiscard]] DetachedMounts detached() const { return {trees_, filesystems_}; }

  // The /dev/pts that is being made, if the configuration mounts one.
  [[nodiscard]] FdRef devpts() const;

  // Changes the root and fills it. Hooks that work on the tree before pivot_root need it at its
  // path on the host; without them the root changes first, so that the rest cannot even name
  // the host.
  Result<> build(const Init& init);

 private:
  Result<> open_root();
  Result<> fill(const Init& init, Root& inside);
  Result<> run_hooks(const Init& init);
  [[nodiscard]] bool has_hooks() const;

  const InitPlan& plan_;
  std::vector<Fd> own_trees_;
  std::vector<FdRef> trees_;
  std::vector<Fd> filesystems_;
  Fd directory_;  // ChrootOnly
  FdRef root_ = FdRef::none();
};

}  // namespace brig
