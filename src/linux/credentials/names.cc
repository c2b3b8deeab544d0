#include "linux/credentials/names.h"

#include <linux/capability.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace brig {

namespace {

constexpr std::array<std::string_view, 41> kNames{
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",             // Linux 5.8
    "CAP_BPF",                 // Linux 5.8
    "CAP_CHECKPOINT_RESTORE",  // Linux 5.9
};
static_assert(kNames[CAP_SYS_ADMIN] == "CAP_SYS_ADMIN");
static_assert(kNames[CAP_SETFCAP] == "CAP_SETFCAP");
static_assert(kNames[CAP_CHECKPOINT_RESTORE] == "CAP_CHECKPOINT_RESTORE");

}  // namespace

std::vector<std::string_view> capability_names() {
  return {kNames.begin(), kNames.end()};
}

std::optional<unsigned> capability_number(std::string_view name) {
  const auto* known = std::ranges::find(kNames, name);
  if (known == kNames.end()) return std::nullopt;
  return static_cast<unsigned>(known - kNames.begin());
}

std::string_view capability_name(unsigned number) {
  return number < kNames.size() ? kNames[number] : "CAP_?";
}

std::string describe_capabilities(std::uint64_t mask) {
  std::vector<std::string_view> names;
  for (unsigned number = 0; number < 64; ++number)
    if ((mask >> number & 1) != 0) names.push_back(capability_name(number));
  return join(names, ", ");
}

}  // namespace brig
