// bpf(2), as far as device cgroups need it.
#pragma once

#include <cstdint>
#include <span>

#include "base/error.h"
#include "sys/fd.h"

namespace brig::sys {

// BPF_PROG_LOAD of a BPF_PROG_TYPE_CGROUP_DEVICE program; an element is one struct bpf_insn. When
// the verifier refuses it, its last words are in the error.
Result<Fd> load_device_program(std::span<const std::uint64_t> program);

// BPF_PROG_ATTACH to a cgroup2 directory, beside programs of others (BPF_F_ALLOW_MULTI): a device
// is allowed only if all of them allow it. The program ends with the cgroup.
Result<> attach_device_program(FdRef cgroup, FdRef program);

}  // namespace brig::sys
