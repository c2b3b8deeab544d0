// Which cgroups the tests of this program see: the host's, or a cgroup2 tree alone.
#pragma once

namespace brig::kernel_test {

// In a mount namespace of our own, /sys/fs/cgroup becomes the host's cgroup2 tree. It has no
// controllers where v1 has them. False when that cannot be done here.
bool show_only_cgroup2();

}  // namespace brig::kernel_test
