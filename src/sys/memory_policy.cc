#include "sys/memory_policy.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

namespace brig::sys {

Result<> set_memory_policy(std::uint32_t mode, std::span<const std::uint8_t> nodes) {
  constexpr std::size_t kBits = 8 * sizeof(unsigned long);
  std::vector<unsigned long> mask((nodes.size() + sizeof(unsigned long) - 1) /
                                  sizeof(unsigned long));
  for (std::size_t i = 0; i < nodes.size(); ++i)
    mask[i / sizeof(unsigned long)] |= static_cast<unsigned long>(nodes[i])
                                       << 8 * (i % sizeof(unsigned long));
  // The kernel reads one bit less than it is told.
  const std::size_t bits = mask.empty() ? 0 : mask.size() * kBits + 1;
  if (::syscall(SYS_set_mempolicy, mode, mask.empty() ? nullptr : mask.data(), bits) != 0)
    return fail_errno("set_mempolicy");
  return {};
}

}  // namespace brig::sys
