// Which security modules this host runs (Linux security modules: AppArmor, SELinux).
#pragma once

#include "base/error.h"

namespace brig {

struct LsmFacts {
  bool apparmor = false, selinux = false;
  bool apparmor_directory = false;  // attributes of its own below attr/, since Linux 5.8
  bool confined = false;            // brig itself runs under an AppArmor profile
  bool operator==(const LsmFacts&) const = default;
};

Result<LsmFacts> probe_lsm_facts();

}  // namespace brig
