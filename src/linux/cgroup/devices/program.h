// Device rules as a BPF_PROG_TYPE_CGROUP_DEVICE program.
#pragma once

#include <cstdint>
#include <vector>

#include "linux/cgroup/types.h"

namespace brig {

// One element is one struct bpf_insn. The program returns 1 to allow and 0 to refuse.
std::vector<std::uint64_t> device_program(const std::vector<CgroupDeviceRule>& rules);

}  // namespace brig
