#include "sys/feature_probe.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "sys/kernel_abi.h"

namespace brig::sys {

namespace {

constexpr int kNoFd = -1;

// Whatever the refusal is, it was the call that refused.
template <class... Arguments>
bool is_known(long number, Arguments... arguments) {
  return ::syscall(number, arguments...) >= 0 || errno != ENOSYS;
}

// A descriptor that cannot be open: kernels before 5.7 refuse the flag (EINVAL) before they look.
bool has_clone_into_cgroup() {
  abi::CloneArgs args{};
  args.flags = abi::kCloneIntoCgroup;
  args.cgroup = INT_MAX;
  return ::syscall(SYS_clone3, &args, sizeof args) < 0 && errno == EBADF;
}

bool has_mount_api() {
  for (const long number : {SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_open_tree, SYS_move_mount})
    if (!is_known(number, kNoFd, nullptr, ~0U, nullptr, ~0U)) return false;
  return true;
}

// An empty range, so that no descriptor is touched: what is refused is the flag that is not known.
bool has_close_range_cloexec() {
  return ::syscall(SYS_close_range, UINT_MAX, UINT_MAX, abi::kCloseRangeCloexec) == 0;
}

bool has_seccomp_action(std::uint32_t action) {
  return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0U, &action) == 0;
}

// SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, on a program that is not there: EFAULT if the flags are
// known, EINVAL if they are not.
bool has_wait_killable() {
  constexpr unsigned kNewListener = 1U << 3, kWaitKillable = 1U << 5;
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, kNewListener | kWaitKillable, nullptr) <
             0 &&
         errno == EFAULT;
}

}  // namespace

bool has_feature(Feature feature) {
  switch (feature) {
    case Feature::Openat2:
      return is_known(SYS_openat2, kNoFd, nullptr, nullptr, 0UL);
    case Feature::Clone3:
      return is_known(SYS_clone3, nullptr, 0UL);
    case Feature::CloneIntoCgroup:
      return has_clone_into_cgroup();
    case Feature::MountApi:
      return has_mount_api();
    case Feature::MountSetattr:
      return is_known(SYS_mount_setattr, kNoFd, nullptr, 0U, nullptr, 0UL);
    case Feature::PidfdOpen:
      return is_known(SYS_pidfd_open, -1, 0U);
    case Feature::PidfdGetfd:
      return is_known(SYS_pidfd_getfd, kNoFd, kNoFd, 0U);
    case Feature::CloseRangeCloexec:
      return has_close_range_cloexec();
    case Feature::Faccessat2:
      return is_known(SYS_faccessat2, kNoFd, nullptr, 0, 0);
    case Feature::SeccompFilter:
      return has_seccomp_action(SECCOMP_RET_KILL_PROCESS);
    case Feature::SeccompNotify:
      return has_seccomp_action(SECCOMP_RET_USER_NOTIF);
    case Feature::SeccompWaitKill:
      return has_wait_killable();
    case Feature::Bpf:
      return is_known(SYS_bpf, -1, nullptr, 0U);
    case Feature::Keyrings:
      return is_known(SYS_keyctl, -1, 0UL, 0UL, 0UL, 0UL);
  }
  __builtin_unreachable();
}

}  // namespace brig::sys
