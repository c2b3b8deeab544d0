#include "init/namespaces.h"

#include <sched.h>
#include <signal.h>

#include "base/host_paths.h"
#include "base/match.h"
#include "linux/mount/change_root.h"
#include "linux/namespaces/apply.h"
#include "sys/credentials.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig {

namespace {

Result<> join(const Init& init, const JoinNs& step) {
  const FdRef ns = FdRef::number(init.plan.fds.joins[step.index]);
  const auto type = static_cast<int>(clone_flag(init.plan.namespaces.joins[step.index].ns));
  return sys::set_namespace(ns, type);  // with the type, the kernel checks that it is one
}

Result<> join_container(const Init& init, const JoinContainer& step) {
  const FdRef container = FdRef::number(init.plan.fds.container);
  return sys::set_namespace(container, static_cast<int>(clone_flags(step.what)));
}

// clone(2) on user namespaces. EPERM also has a reason of its own, a caller in a chroot, but that
// root directory is what a user can see.
Result<> explain_refusal(Error error) {
  if (error.sys_errno() == ENOSPC)
    error.add_context("no more user namespaces: see the sysctl user.max_user_namespaces");
  if (error.sys_errno() == EPERM)
    error.add_context(
        "this host lets only root make user namespaces: see the sysctls "
        "kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns");
  return std::unexpected(std::move(error));
}

// A sibling goes on as the container's process; this one has done its part. The parent must know
// the new one before it speaks, so it is the parent's answer that lets it go on.
Result<> fork_into(const Init& init, const ForkInto& step) {
  Result<sys::Child> forked = sys::fork_with(clone_flags(step.what) | CLONE_PARENT);
  if (!forked && step.what.has(Ns::User)) return explain_refusal(std::move(forked.error()));
  const sys::Child child = TRY(std::move(forked));
  if (child.pid == 0) {
    TRY(init.parent.expect<Done>());
    return {};
  }
  const FdRef pidfd = child.pidfd;
  TRY(init.parent.send(Forked{child.pid}, {&pidfd, 1}));
  sys::exit_now(0);
}

Result<> map_ids(const Init& init, const MapIds& step) {
  if (step.dumpable_meanwhile) TRY(sys::set_dumpable());
  TRY(init.parent.ask<Done>(MapIdsRequest{}));
  return step.dumpable_meanwhile ? sys::set_not_dumpable() : Result<>();
}

Result<> drop_groups() {
  return sys::set_groups({});
}

// Root's ids need not be mapped (EINVAL); the capabilities are there in any case.
Result<> become_root() {
  Result<> group = sys::set_real_effective_saved_gid(0);
  if (!group && group.error().sys_errno() != EINVAL) return group;
  Result<> user = sys::set_real_effective_saved_uid(0);
  if (!user && user.error().sys_errno() != EINVAL) return user;
  return {};
}

Result<> take(const Init& init, const NamespaceStep& step) {
  return std::visit(match{[&](const JoinNs& s) { return join(init, s); },
                          [&](const UnshareNs& s) { return sys::unshare(clone_flags(s.what)); },
                          [&](const ForkInto& s) { return fork_into(init, s); },
                          [&](const MapIds& s) { return map_ids(init, s); },
                          [&](const BecomeRoot&) { return become_root(); },
                          [&](const DropGroups&) { return drop_groups(); },
                          [&](const JoinContainer& s) { return join_container(init, s); },
                          [&](const OffsetClocks&) {
                            return apply_clock_offsets(init.plan.namespaces.clock_offsets);
                          }},
                    step);
}

}  // namespace

Result<Fd> open_trusted_proc(const InitPlan& plan) {
  if (plan.sysctls.empty() && !plan.credentials.setgroups_may_be_denied) return Fd();
  return sys::open_at(FdRef::cwd(), host_paths::kProc, O_PATH | O_DIRECTORY);
}

Result<> take_steps(const Init& init, const NamespacePlan& plan) {
  for (const NamespaceStep& step : plan.steps) TRY_DOING(take(init, step), describe(step, plan));
  return {};
}

Result<> enter_namespaces(const Init& init) {
  const NamespacePlan& plan = init.plan.namespaces;
  TRY(take_steps(init, plan));
  // Neither fork nor a change of ids keeps it (prctl(2)).
  TRY(sys::set_parent_death_signal(SIGKILL));
  if (plan.created.has(Ns::Mount)) TRY(stop_propagation());
  return {};
}

}  // namespace brig
