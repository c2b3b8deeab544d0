#include "spec/default_spec_mounts.h"

namespace brig::spec {
namespace {

using Options = std::string_view[];

constexpr Options kDev = {"nosuid", "strictatime", "mode=755", "size=65536k"};
constexpr Options kPts = {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"};
constexpr Options kShm = {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"};
constexpr Options kMqueue = {"nosuid", "noexec", "nodev"};
constexpr Options kSys = {"nosuid", "noexec", "nodev", "ro"};
constexpr Options kCgroup = {"nosuid", "noexec", "nodev", "relatime", "ro"};

constexpr DefaultMount kMounts[] = {
    {"/proc", "proc", "proc", {}},
    {"/dev", "tmpfs", "tmpfs", kDev},
    {"/dev/pts", "devpts", "devpts", kPts},
    {"/dev/shm", "tmpfs", "shm", kShm},
    {"/dev/mqueue", "mqueue", "mqueue", kMqueue},
    {"/sys", "sysfs", "sysfs", kSys},
    {"/sys/fs/cgroup", "cgroup", "cgroup", kCgroup},
};

// crun's choice, with nosuid on /dev as well.
constexpr Options kBareDev = {"nosuid", "noexec", "strictatime", "mode=755"};
constexpr Options kBareSys = {"nosuid", "noexec", "nodev"};
constexpr Options kBareCgroup = {"nosuid", "noexec", "strictatime"};

constexpr DefaultMountOptions kWithoutOptions[] = {
    {"/dev", "tmpfs", kBareDev},
    {"/dev/pts", "devpts", kPts},
    {"/dev/shm", "tmpfs", kShm},
    {"/dev/mqueue", "mqueue", kMqueue},
    {"/sys", "sysfs", kBareSys},
    {"/sys/fs/cgroup", "cgroup", kBareCgroup},
    {"/sys/fs/cgroup", "cgroup2", kBareCgroup},
};

}  // namespace

std::span<const DefaultMount> default_mounts() {
  return kMounts;
}
std::span<const DefaultMountOptions> default_mount_options() {
  return kWithoutOptions;
}

}  // namespace brig::spec
