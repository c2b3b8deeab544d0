// The cgroup code on the real kernel. Needs root.
//
//   brig_cgroup_test            on the host as it is
//   brig_cgroup_test cgroup2    where /sys/fs/cgroup is a cgroup2 tree alone
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>

#include "cgroup_view.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc > 1 && std::strcmp(argv[1], "cgroup2") == 0 && !brig::kernel_test::show_only_cgroup2()) {
    std::perror("cgroup2 alone");
    return 1;
  }
  return RUN_ALL_TESTS();
}
