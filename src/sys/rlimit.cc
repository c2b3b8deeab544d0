#include "sys/rlimit.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace brig::sys {

namespace {

// The kernel's struct rlimit64: glibc's prlimit translates on 32-bit architectures.
struct KernelRlimit {
  std::uint64_t soft, hard;
};

}  // namespace

Result<Rlimit> get_rlimit(pid_t pid, int resource) {
  KernelRlimit limit{};
  if (::syscall(SYS_prlimit64, pid, resource, nullptr, &limit) != 0) return fail_errno("prlimit");
  return Rlimit{.soft = limit.soft, .hard = limit.hard};
}

Result<> set_rlimit(pid_t pid, int resource, const Rlimit& limit) {
  const KernelRlimit wanted{.soft = limit.soft, .hard = limit.hard};
  if (::syscall(SYS_prlimit64, pid, resource, &wanted, nullptr) != 0) return fail_errno("prlimit");
  return {};
}

}  // namespace brig::sys
