// Constants and structures that Debian 12's headers lack, with the kernel that brought them.
#pragma once

#include <sys/syscall.h>

#include <cstdint>

namespace brig::sys::abi {

// mount_setattr(2), Linux 5.12; glibc 2.36 has the call but not all attributes.
inline constexpr std::uint64_t kMountAttrNoSymFollow = 0x00200000;  // Linux 5.14
inline constexpr std::uint64_t kMountAttrIdmap = 0x00100000;

// clone3(2) flag, Linux 5.7: the child is born in the cgroup of clone_args.cgroup.
inline constexpr std::uint64_t kCloneIntoCgroup = 0x200000000ULL;
inline constexpr std::uint64_t kCloneClearSighand = 0x100000000ULL;  // Linux 5.5
inline constexpr std::uint64_t kCloneNewTime = 0x00000080ULL;        // Linux 5.6

inline constexpr unsigned kStatxMountIdUnique = 0x4000;  // statx(2), Linux 6.8

inline constexpr unsigned kCloseRangeCloexec = 1U << 2;  // Linux 5.11

// ioctl_ns(2), Linux 4.9 and 4.11.
inline constexpr unsigned long kNsGetUserns = 0xb701;
inline constexpr unsigned long kNsGetNstype = 0xb703;

struct CloneArgs {
  std::uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid,
      set_tid_size, cgroup;
};

}  // namespace brig::sys::abi
