#include "linux/sysctl/apply.h"

#include <linux/openat2.h>

#include "sys/file.h"

namespace brig {

namespace {

// NO_XDEV: something mounted over a part of /proc is not the kernel's parameter.
Result<> write_sysctl(FdRef proc_root, const Sysctl& sysctl) {
  const Fd file = TRY(sys::open_beneath(proc_root, sysctl.path, O_WRONLY, 0, RESOLVE_NO_XDEV));
  return sys::write_all(file, sysctl.value);
}

}  // namespace

Result<> apply_sysctl(FdRef proc_root, const SysctlPlan& plan) {
  for (const Sysctl& sysctl : plan)
    TRY_DOING(write_sysctl(proc_root, sysctl), "set sysctl ", sysctl.key, " to '", sysctl.value,
              "'");
  return {};
}

}  // namespace brig
