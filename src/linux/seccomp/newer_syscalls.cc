#include "linux/seccomp/newer_syscalls.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <vector>

namespace brig {

namespace {

constexpr std::uint32_t kRefuse = SECCOMP_RET_ERRNO | ENOSYS;
// x32 shares its audit number with x86-64; bit 30 of the syscall's number tells them apart.
constexpr std::uint32_t kX32Bit = 0x40000000;

// The highest number of an audit architecture that a profile names, below kX32Bit and from it on.
// None: the profile says nothing about that half, so it is the filter's business.
struct Highest {
  std::uint32_t plain = UINT32_MAX, x32 = UINT32_MAX;
};

std::uint32_t highest_named(const SeccompProfile& profile, std::uint32_t arch) {
  int highest = -1;
  for (const SeccompRule& rule : profile.rules)
    for (const std::string& name : rule.names)
      // Negative: unknown, or not a syscall of this architecture.
      highest = std::max(highest, ::seccomp_syscall_resolve_name_arch(arch, name.c_str()));
  return highest < 0 ? UINT32_MAX : static_cast<std::uint32_t>(highest);
}

std::map<std::uint32_t, Highest> highest_by_arch(const SeccompProfile& profile) {
  std::map<std::uint32_t, Highest> highest;
  std::vector<std::uint32_t> arches = profile.arches;
  arches.push_back(::seccomp_arch_native());
  for (const std::uint32_t arch : arches) {
    if (arch == SCMP_ARCH_X32)
      highest[AUDIT_ARCH_X86_64].x32 = highest_named(profile, arch);
    else
      highest[arch].plain = highest_named(profile, arch);
  }
  return highest;
}

sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
// Jumps over `if_true` or `if_false` instructions.
sock_filter branch(int condition, std::uint32_t value, std::uint8_t if_true,
                   std::uint8_t if_false) {
  return BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | BPF_K | condition), value, if_true,
                  if_false);
}
sock_filter skip(std::size_t count) {
  return BPF_JUMP(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(count), 0, 0);
}

constexpr std::size_t kSectionSize = 7;

// Entered with the architecture in the accumulator; leaves it there for the next section.
void append_section(std::vector<sock_filter>& program, std::uint32_t arch, const Highest& highest,
                    std::size_t sections_behind) {
  program.push_back(branch(BPF_JEQ, arch, 0, kSectionSize - 1));
  program.push_back(load(offsetof(seccomp_data, nr)));
  program.push_back(branch(BPF_JGE, kX32Bit, 1, 0));
  program.push_back(branch(BPF_JGT, highest.plain, 1, 2));
  program.push_back(branch(BPF_JGT, highest.x32, 0, 1));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, kRefuse));
  program.push_back(skip(sections_behind * kSectionSize));
}

}  // namespace

std::string newer_syscalls_prologue(const SeccompProfile& profile) {
  const bool refuses = (profile.default_action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;
  if (!refuses || profile.default_action == kRefuse) return {};
  const std::map<std::uint32_t, Highest> highest = highest_by_arch(profile);
  std::vector<sock_filter> program{load(offsetof(seccomp_data, arch))};
  std::size_t left = highest.size();
  for (const auto& [arch, numbers] : highest) append_section(program, arch, numbers, --left);
  return {reinterpret_cast<const char*>(program.data()), program.size() * sizeof(sock_filter)};
}

}  // namespace brig
