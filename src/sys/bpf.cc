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
  std::strncpy(attr.prog_name, "brig_devices", sizeof attr.prog_name - 1);
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
  BpfArguments arguments = zeroed();
  arguments.attr.target_fd = static_cast<__u32>(cgroup.raw());
  arguments.attr.attach_bpf_fd = static_cast<__u32>(program.raw());
  arguments.attr.attach_type = BPF_CGROUP_DEVICE;
  arguments.attr.attach_flags = BPF_F_ALLOW_MULTI;
  if (bpf(BPF_PROG_ATTACH, arguments) != 0) return fail_errno("bpf BPF_PROG_ATTACH");
  return {};
}

}  // namespace brig::sys
