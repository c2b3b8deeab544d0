// The only place that spells the kernel's well-known paths, so that a review sees every use.
#pragma once

namespace brig::host_paths {

inline constexpr const char kProc[] = "/proc";
inline constexpr const char kSelfExe[] = "/proc/self/exe";
inline constexpr const char kSelfUserNamespace[] = "/proc/self/ns/user";
inline constexpr const char kSelfMountNamespace[] = "/proc/self/ns/mnt";
inline constexpr const char kCgroup[] = "/sys/fs/cgroup";
inline constexpr const char kCgroupDelegate[] = "/sys/kernel/cgroup/delegate";
inline constexpr const char kSelfAppArmorLabel[] = "/proc/self/attr/apparmor/current";
inline constexpr const char kAppArmorEnabled[] = "/sys/module/apparmor/parameters/enabled";
inline constexpr const char kSelinux[] = "/sys/fs/selinux";
inline constexpr const char kResctrl[] = "/sys/fs/resctrl";
inline constexpr const char kSys[] = "/sys";
inline constexpr const char kDev[] = "/dev";
inline constexpr const char kDevNull[] = "/dev/null";
inline constexpr const char kSyslog[] = "/dev/log";
inline constexpr const char kJournal[] = "/run/systemd/journal/socket";

}  // namespace brig::host_paths
