// bpf(2), as far as device cgroups need it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "sys/fd.h"

namespace brig::sys {

// What brig's own programs are called, to tell them from systemd's.
inline constexpr const char kDeviceProgramName[] = "brig_devices";

// BPF_PROG_LOAD of a BPF_PROG_TYPE_CGROUP_DEVICE program; an element is one struct bpf_insn. When
// the verifier refuses it, its last words are in the error.
Result<Fd> load_device_program(std::span<const std::uint64_t> program);

// BPF_PROG_ATTACH to a cgroup2 directory, beside programs of others (BPF_F_ALLOW_MULTI): a device
// is allowed only if all of them allow it. The program ends with the cgroup.
Result<> attach_device_program(FdRef cgroup, FdRef program);
// BPF_PROG_ATTACH with BPF_F_REPLACE: there is no moment without either. Linux 5.6, EINVAL before.
Result<> replace_device_program(FdRef cgroup, FdRef program, FdRef old);
Result<> detach_device_program(FdRef cgroup, FdRef program);

// BPF_PROG_QUERY: ids of the programs attached to this very cgroup.
Result<std::vector<std::uint32_t>> attached_device_programs(FdRef cgroup);
Result<Fd> device_program_by_id(std::uint32_t id);  // BPF_PROG_GET_FD_BY_ID
Result<std::string> program_name(FdRef program);    // BPF_OBJ_GET_INFO_BY_FD

}  // namespace brig::sys
