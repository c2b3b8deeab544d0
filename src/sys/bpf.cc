#include "sys/bpf.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <string_view>

namespace brig::sys {

namespace {

// Linux 6.17 to 7.1 write 8 bytes beyond a union that is shorter than their own, so the kernel
// gets one that is larger than any: what it does not know must be zero, and is.
union BpfArguments {
  bpf_attr attr;
  char whole[512];
};
static_assert(sizeof(BpfArguments) == 512);

BpfArguments zeroed() {
  BpfArguments arguments;
  std::memset(&arguments, 0, sizeof arguments);
  return arguments;
}

__u64 address_of(const void* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer);
}

long bpf(bpf_cmd command, BpfArguments& arguments) {
  return ::syscall(SYS_bpf, command, &arguments, sizeof arguments);
}

long load(std::span<const std::uint64_t> program, std::span<char> log) {
  static constexpr char kLicense[] = "Apache-2.0";  // the program calls no helper
  BpfArguments arguments = zeroed();
  bpf_attr& attr = arguments.attr;
  attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attr.insn_cnt = static_cast<__u32>(program.size());
  attr.insns = address_of(program.data());
  attr.license = address_of(kLicense);
  static_assert(sizeof kDeviceProgramName <= sizeof attr.prog_name);
  std::memcpy(attr.prog_name, kDeviceProgramName, sizeof kDeviceProgramName);
  if (!log.empty()) {
    attr.log_level = 1;
    attr.log_size = static_cast<__u32>(log.size());
    attr.log_buf = address_of(log.data());
  }
  return bpf(BPF_PROG_LOAD, arguments);
}

// Only asked for after a refusal: the log slows every load down.
std::string verifier_log(std::span<const std::uint64_t> program) {
  std::string log(std::size_t{1} << 16, '\0');
  const long fd = load(program, log);
  if (fd >= 0) ::close(static_cast<int>(fd));
  std::string_view text = std::string_view(log).substr(0, log.find('\0'));
  constexpr std::size_t kKept = 300;
  if (text.size() > kKept) text.remove_prefix(text.size() - kKept);
  std::string line(text);
  for (char& c : line)
    if (c == '\n') c = ' ';
  return line;
}

BpfArguments attachment(FdRef cgroup, FdRef program) {
  BpfArguments arguments = zeroed();
  arguments.attr.target_fd = static_cast<__u32>(cgroup.raw());
  arguments.attr.attach_bpf_fd = static_cast<__u32>(program.raw());
  arguments.attr.attach_type = BPF_CGROUP_DEVICE;
  return arguments;
}

}  // namespace

Result<Fd> load_device_program(std::span<const std::uint64_t> program) {
  const long fd = load(program, {});
  if (fd >= 0) return Fd(static_cast<int>(fd));
  const int why = errno;
  if (why != EINVAL && why != EACCES)
    return std::unexpected(Error::system(why, "bpf BPF_PROG_LOAD"));
  return std::unexpected(
      Error::system(why, cat("bpf BPF_PROG_LOAD (", verifier_log(program), ")")));
}

Result<> attach_device_program(FdRef cgroup, FdRef program) {
  BpfArguments arguments = attachment(cgroup, program);
  arguments.attr.attach_flags = BPF_F_ALLOW_MULTI;
  if (bpf(BPF_PROG_ATTACH, arguments) != 0) return fail_errno("bpf BPF_PROG_ATTACH");
  return {};
}

Result<> replace_device_program(FdRef cgroup, FdRef program, FdRef old) {
  BpfArguments arguments = attachment(cgroup, program);
  arguments.attr.attach_flags = BPF_F_ALLOW_MULTI | BPF_F_REPLACE;
  arguments.attr.replace_bpf_fd = static_cast<__u32>(old.raw());
  if (bpf(BPF_PROG_ATTACH, arguments) != 0)
    return fail_errno("bpf BPF_PROG_ATTACH with BPF_F_REPLACE");
  return {};
}

Result<> detach_device_program(FdRef cgroup, FdRef program) {
  BpfArguments arguments = attachment(cgroup, program);
  if (bpf(BPF_PROG_DETACH, arguments) != 0) return fail_errno("bpf BPF_PROG_DETACH");
  return {};
}

Result<std::vector<std::uint32_t>> attached_device_programs(FdRef cgroup) {
  std::vector<std::uint32_t> ids(64);  // the kernel's own limit for one cgroup
  BpfArguments arguments = zeroed();
  arguments.attr.query.target_fd = static_cast<__u32>(cgroup.raw());
  arguments.attr.query.attach_type = BPF_CGROUP_DEVICE;
  arguments.attr.query.prog_ids = address_of(ids.data());
  arguments.attr.query.prog_cnt = static_cast<__u32>(ids.size());
  if (bpf(BPF_PROG_QUERY, arguments) != 0) return fail_errno("bpf BPF_PROG_QUERY");
  ids.resize(arguments.attr.query.prog_cnt);
  return ids;
}

Result<Fd> device_program_by_id(std::uint32_t id) {
  BpfArguments arguments = zeroed();
  arguments.attr.prog_id = id;
  const long fd = bpf(BPF_PROG_GET_FD_BY_ID, arguments);
  if (fd < 0) return fail_errno("bpf BPF_PROG_GET_FD_BY_ID ", id);
  return Fd(static_cast<int>(fd));
}

Result<std::string> program_name(FdRef program) {
  bpf_prog_info info;
  std::memset(&info, 0, sizeof info);
  BpfArguments arguments = zeroed();
  arguments.attr.info.bpf_fd = static_cast<__u32>(program.raw());
  arguments.attr.info.info_len = sizeof info;
  arguments.attr.info.info = address_of(&info);
  if (bpf(BPF_OBJ_GET_INFO_BY_FD, arguments) != 0) return fail_errno("bpf BPF_OBJ_GET_INFO_BY_FD");
  return std::string(info.name, ::strnlen(info.name, sizeof info.name));
}

}  // namespace brig::sys
