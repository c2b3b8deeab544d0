#include "cgroup_view.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include <linux/magic.h>

namespace brig::kernel_test {

bool show_only_cgroup2() {
  constexpr char kMount[] = "/sys/fs/cgroup";
  struct statfs info{};
  if (::statfs(kMount, &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC) return true;
  if (::unshare(CLONE_NEWNS) != 0) return false;
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  if (::umount2(kMount, MNT_DETACH) != 0) return false;
  return ::mount("cgroup2", kMount, "cgroup2", 0, nullptr) == 0;
}

}  // namespace brig::kernel_test
