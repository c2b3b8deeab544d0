#include "sys/credentials.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace brig::sys {

namespace {

// The 32-bit architectures that once had 16-bit ids keep those behind the plain numbers.
#ifdef SYS_setresuid32
constexpr long kSetresuid = SYS_setresuid32;
constexpr long kSetresgid = SYS_setresgid32;
constexpr long kSetgroups = SYS_setgroups32;
#else
constexpr long kSetresuid = SYS_setresuid;
constexpr long kSetresgid = SYS_setresgid;
constexpr long kSetgroups = SYS_setgroups;
#endif

using CapData = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

__user_cap_header_struct own_header() {
  return {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
}

std::uint64_t joined(std::uint32_t low, std::uint32_t high) {
  return std::uint64_t{high} << 32 | low;
}
std::uint32_t low_half(std::uint64_t set) {
  return static_cast<std::uint32_t>(set);
}
std::uint32_t high_half(std::uint64_t set) {
  return static_cast<std::uint32_t>(set >> 32);
}

}  // namespace

Result<CapabilitySets> get_capabilities() {
  __user_cap_header_struct header = own_header();
  CapData data{};
  if (::syscall(SYS_capget, &header, data.data()) != 0) return fail_errno("capget");
  return CapabilitySets{
      .effective = joined(data[0].effective, data[1].effective),
      .permitted = joined(data[0].permitted, data[1].permitted),
      .inheritable = joined(data[0].inheritable, data[1].inheritable),
  };
}

Result<> set_capabilities(const CapabilitySets& sets) {
  __user_cap_header_struct header = own_header();
  const CapData data{{{.effective = low_half(sets.effective),
                       .permitted = low_half(sets.permitted),
                       .inheritable = low_half(sets.inheritable)},
                      {.effective = high_half(sets.effective),
                       .permitted = high_half(sets.permitted),
                       .inheritable = high_half(sets.inheritable)}}};
  if (::syscall(SYS_capset, &header, data.data()) != 0) return fail_errno("capset");
  return {};
}

Result<BoundingSet> get_bounding_set() {
  BoundingSet set;
  for (unsigned capability = 0; capability < 64; ++capability) {
    const int present = ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (present < 0 && errno == EINVAL) break;  // past the last one
    if (present < 0) return fail_errno("prctl PR_CAPBSET_READ ", capability);
    if (present > 0) set.mask |= std::uint64_t{1} << capability;
    set.last_cap = capability;
  }
  return set;
}

Result<> drop_from_bounding_set(unsigned capability) {
  if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0)
    return fail_errno("prctl PR_CAPBSET_DROP ", capability);
  return {};
}

Result<> clear_ambient_capabilities() {
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
    return fail_errno("prctl PR_CAP_AMBIENT_CLEAR_ALL");
  return {};
}

Result<> raise_ambient_capability(unsigned capability) {
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0)
    return fail_errno("prctl PR_CAP_AMBIENT_RAISE ", capability);
  return {};
}

Result<> set_keep_capabilities(KeepCapabilities keep) {
  if (::prctl(PR_SET_KEEPCAPS, keep == KeepCapabilities::Yes ? 1 : 0, 0, 0, 0) != 0)
    return fail_errno("prctl PR_SET_KEEPCAPS");
  return {};
}

Result<> set_groups(const std::vector<gid_t>& groups) {
  if (::syscall(kSetgroups, groups.size(), groups.data()) != 0) return fail_errno("setgroups");
  return {};
}

Result<std::vector<gid_t>> get_groups() {
  const int count = ::getgroups(0, nullptr);
  if (count < 0) return fail_errno("getgroups");
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  if (count > 0 && ::getgroups(count, groups.data()) != count) return fail_errno("getgroups");
  return groups;
}

Result<> set_real_effective_saved_gid(gid_t gid) {
  if (::syscall(kSetresgid, gid, gid, gid) != 0) return fail_errno("setresgid ", gid);
  return {};
}

Result<> set_real_effective_saved_uid(uid_t uid) {
  if (::syscall(kSetresuid, uid, uid, uid) != 0) return fail_errno("setresuid ", uid);
  return {};
}

Result<> set_no_new_privs() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("prctl PR_SET_NO_NEW_PRIVS");
  return {};
}

}  // namespace brig::sys
