#include "init/enter.h"

#include <linux/magic.h>

#include "base/host_paths.h"
#include "init/namespaces.h"
#include "init/terminal.h"
#include "init/user.h"
#include "linux/keyring/apply.h"
#include "linux/memory_policy/apply.h"
#include "linux/personality/apply.h"
#include "linux/rlimits/apply.h"
#include "linux/scheduling/apply.h"
#include "sys/file.h"
#include "sys/mount.h"
#include "sys/process.h"

namespace brig {

namespace {

// A container without a mount namespace of its own, new or joined, has its root by chroot(2) alone:
// where setns(2) leads is the root of whoever has made that namespace.
Result<> enter_root(FdRef root) {
  if (!root) return {};
  TRY(sys::change_directory(root));
  return sys::change_root_here();
}

// The container's own, if what is mounted there is one: the container may have put anything in its
// place. A pty of whichever instance is as good as another.
Result<Fd> open_devpts() {
  const Fd top = TRY(sys::open_at(FdRef::cwd(), "/", O_PATH | O_DIRECTORY));
  Result<Fd> devpts = sys::open_in_root(top, cat(host_paths::kDev, "/pts"), O_PATH | O_DIRECTORY);
  if (!devpts) return Fd();
  const std::uint32_t magic = TRY(sys::fs_magic(*devpts));
  return magic == DEVPTS_SUPER_MAGIC ? std::move(devpts) : Fd();
}

}  // namespace

Result<> enter(const Init& init) {
  const InitPlan& plan = init.plan;
  const Fd proc = TRY(open_trusted_proc(plan));

  init.stage = Stage::Namespaces;
  TRY(enter_namespaces(init));
  const Setgroups setgroups = TRY(probe_setgroups(plan.credentials, proc));
  TRY(enter_root(FdRef::number(plan.fds.container_root)));
  // From here on "/" is the container's root and every namespace is the container's; but where
  // the trampoline makes the program's process, this one is not in the pid namespace.

  if (plan.keyring) TRY(apply_keyring(*plan.keyring));
  if (!is_born_by_trampoline(plan)) TRY(sys::start_session());
  if (plan.terminal) {
    const Fd devpts = TRY(open_devpts());
    const Fd instance = TRY(open_terminal(init, devpts));
  }

  init.stage = Stage::Identity;
  if (plan.personality) TRY(apply_personality(*plan.personality));
  TRY(apply_scheduling(plan.scheduling));
  if (plan.memory_policy) TRY(apply_memory_policy(*plan.memory_policy));
  if (!plan.limits_by_parent) TRY(apply_rlimits(0, plan.rlimits));

  init.stage = Stage::Credentials;
  return become_user(init, setgroups);
}

}  // namespace brig
