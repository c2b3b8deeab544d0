// Control groups: where the container's cgroups are, what is written into them, and how they end.
//
//   facts      what the host has: v1 hierarchies, a v2 tree, or both (hybrid)
//   plan       spec + facts -> CgroupPlan, plain data; paths.h holds the rules for cgroupsPath
//   resources/ limits of the spec -> writes, for v1 and v2 side by side
//   devices/   device rules -> v1 writes, or the v2 eBPF program
//   ownership/ whose the cgroup is: the container's user may manage it on v2
//   stats/     what the kernel counts, and want of memory
//   update/    new limits and rules for a container that is there, and the way back
//   apply      creates the cgroups and writes the limits
//   remove     lists, freezes, kills and removes, from the paths alone
//   systemd/   the unit that owns the cgroup, where systemd manages them
//   view       what a mount of type "cgroup" shows inside the container
//
// Not here: the cgroup namespace (linux/namespaces) and mounting the view (linux/mount).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brig {

enum class CgroupMode : std::uint8_t {
  None,    // no cgroup: none mounted, or not wanted
  V1,      // one hierarchy a controller (or group of controllers)
  Hybrid,  // v1, and a cgroup2 tree with few or no controllers: good for clone3, kill and freeze
  V2,
};

std::string_view name_of(CgroupMode mode);

// One cgroup in one hierarchy. The directory is mount + path.
struct CgroupDir {
  std::string mount;        // "/sys/fs/cgroup/memory"
  std::string path;         // below it: "/brig/web"; no "..", "." or empty component
  std::string controllers;  // v1: "cpu,cpuacct" or "name=systemd"; empty for v2
  bool operator==(const CgroupDir&) const = default;
};

inline std::string directory_of(const CgroupDir& dir) {
  return dir.mount + dir.path;
}

// All cgroups of one container. Goes into the state file: kill and remove need nothing else.
struct CgroupPaths {
  CgroupMode mode = CgroupMode::None;
  std::vector<CgroupDir> v1;
  std::vector<CgroupDir> v2;  // one or none
  bool operator==(const CgroupPaths&) const = default;
};

// CgroupWrite::hierarchy is an index into CgroupPaths::v1, or this.
inline constexpr std::int32_t kCgroupV2 = -1;

// One write(2) into one file of the container's cgroup.
struct CgroupWrite {
  std::int32_t hierarchy = kCgroupV2;
  std::string file, value;
  std::string json_path;  // for errors: "linux.resources.memory.limit"
  // The value is what the kernel does anyway when it lacks the file.
  bool may_be_absent = false;
  // Values of before may make the kernel refuse this (EINVAL) until the next write is made: memory
  // and memory+swap, period and quota. Then it is tried again after the next.
  bool swap_with_next = false;
  // Two names for one thing: when there is no such file the next write is made instead, and
  // otherwise the next is left out.
  bool else_next = false;
  bool operator==(const CgroupWrite&) const = default;
};

enum class CgroupDeviceKind : std::uint8_t { All, Char, Block };

// The bits are the kernel's own (BPF_DEVCG_ACC_*).
inline constexpr std::uint8_t kDeviceMknod = 1, kDeviceRead = 2, kDeviceWrite = 4,
                              kDeviceAnyAccess = 7;
inline constexpr std::int64_t kAnyDeviceNumber = -1;

// Of several rules the last that matches decides, for each access bit by itself. Kind All has no
// numbers and every access: it makes all earlier rules void.
struct CgroupDeviceRule {
  bool allow = false;
  CgroupDeviceKind kind = CgroupDeviceKind::All;
  std::int64_t major = kAnyDeviceNumber, minor = kAnyDeviceNumber;
  std::uint8_t access = kDeviceAnyAccess;
  bool operator==(const CgroupDeviceRule&) const = default;
};

struct CgroupPlan {
  CgroupPaths paths;
  // Without privilege on the host: a hierarchy that refuses us and carries no limit is left out.
  bool optional = false;
  // systemd makes the cgroup what it has to be (systemd/manager.h): controllers, then limits, come
  // when it is done.
  bool by_systemd = false;
  // An engine named the cgroup and will look for every controller's files in it.
  bool wants_all_controllers = false;
  std::vector<std::string> v2_controllers;  // available at the top, when that was asked
  std::vector<CgroupWrite> writes;
  std::vector<CgroupDeviceRule> device_rules;  // empty: devices are not restricted
  std::vector<std::uint64_t> device_program;   // v2: the rules as eBPF instructions
  std::optional<std::uint32_t> owner;          // uid that may manage the cgroup (v2)
  std::vector<std::string> notes;              // what will not be done and why, for the log
  bool operator==(const CgroupPlan&) const = default;
};

// "memory: memory.limit_in_bytes = 67108864 (linux.resources.memory.limit)"
std::string describe(const CgroupPlan& plan, const CgroupWrite& write);
std::string describe(const CgroupDeviceRule& rule);  // "allow c 136:* rwm"

}  // namespace brig
