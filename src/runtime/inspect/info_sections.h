// The parts of info.h, by subject. Not for others.
#pragma once

#include "linux/cgroup/facts.h"
#include "runtime/inspect/info.h"

namespace brig::runtime {

inline InfoItem fact(std::string name, std::string value) {
  return {.name = std::move(name), .value = std::move(value), .needed_for = {}, .remedy = {}};
}
// There, or missing; the remedy is dropped where it is there.
InfoItem offered(bool there, InfoItem item);

InfoSection kernel_section();
InfoSection namespace_section();
InfoSection security_section();

// info_cgroups.cc
InfoSection cgroup_section(const CgroupFacts& facts, bool is_root);
InfoSection systemd_section(const Settings& settings, bool is_root);

// info_user.cc
InfoSection user_section();
InfoSection rootless_section(const Settings& settings, const CgroupFacts& cgroups);

}  // namespace brig::runtime
