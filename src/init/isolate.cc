#include "init/isolate.h"

#include "init/namespaces.h"
#include "init/rootfs.h"
#include "init/terminal.h"
#include "init/user.h"
#include "linux/keyring/apply.h"
#include "linux/memory_policy/apply.h"
#include "linux/mount/change_root.h"
#include "linux/personality/apply.h"
#include "linux/rlimits/apply.h"
#include "linux/scheduling/apply.h"
#include "linux/sysctl/apply.h"
#include "sys/network.h"
#include "sys/process.h"

namespace brig {

namespace {

Result<> set_names(const InitPlan& plan) {
  if (!plan.hostname.empty()) TRY(sys::set_hostname(plan.hostname));
  if (!plan.domainname.empty()) TRY(sys::set_domainname(plan.domainname));
  return {};
}

}  // namespace

Result<> isolate(const Init& init) {
  const InitPlan& plan = init.plan;
  const Fd proc = TRY(open_trusted_proc(plan));

  init.stage = Stage::Namespaces;
  // First of all: whoever is forked later is inside too, and a cgroup namespace has its root there.
  if (plan.awaits_cgroup) TRY(init.parent.ask<Done>(EnterCgroupRequest{}));
  TRY(enter_namespaces(init));
  const Setgroups setgroups = TRY(probe_setgroups(plan.credentials, proc));
  // From here on every namespace is the container's, and ids are container ids. The file system
  // is still the host's.

  if (plan.awaits_devices) TRY(init.parent.ask<Done>(MoveDevicesRequest{}));
  // Everybody expects 127.0.0.1 to answer; a new network namespace has its device down.
  if (plan.namespaces.created.has(Ns::Network)) TRY(sys::bring_up_device("lo"));
  if (plan.keyring) TRY(apply_keyring(*plan.keyring));
  TRY(sys::start_session());

  init.stage = Stage::Filesystems;
  RootBuilder root(plan);
  TRY(root.open_trees());
  TRY(root.make_filesystems());
  const Fd private_devpts = TRY(open_terminal(init, root.devpts()));

  TRY(root.build(init));
  // From here on no host path can be named: "/" is the container's root, complete and restricted.

  init.stage = Stage::Identity;
  TRY(set_names(plan));
  TRY_DOING(apply_sysctl(proc, plan.sysctls), "linux.sysctl");
  if (plan.personality) TRY(apply_personality(*plan.personality));
  TRY(apply_scheduling(plan.scheduling));
  if (plan.memory_policy) TRY(apply_memory_policy(*plan.memory_policy));
  if (!plan.limits_by_parent) TRY(apply_rlimits(0, plan.rlimits));

  init.stage = Stage::Credentials;
  return become_user(init, setgroups);
}

}  // namespace brig
