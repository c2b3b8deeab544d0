#include "sys/scheduling.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace brig::sys {

namespace {

constexpr int kWhoProcess = 1;  // IOPRIO_WHO_PROCESS
constexpr std::size_t kLargestMask = 8192;

// The kernel's layout (SCHED_ATTR_SIZE_VER1); the C library of Debian 12 has none.
struct SchedAttr {
  std::uint32_t size;
  std::uint32_t policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime, deadline, period;
  std::uint32_t util_min, util_max;
};
static_assert(sizeof(SchedAttr) == 56);
// Without the clamps, which came with Linux 5.3: SCHED_ATTR_SIZE_VER0.
constexpr std::uint32_t kSizeWithoutClamps = 48;
constexpr std::uint64_t kClamps = 0x60;  // SCHED_FLAG_UTIL_CLAMP_MIN, _MAX

}  // namespace

Result<> set_scheduler(const SchedulerAttributes& attributes) {
  const bool clamps = (attributes.flags & kClamps) != 0;
  const SchedAttr attr{.size = clamps ? std::uint32_t{sizeof(SchedAttr)} : kSizeWithoutClamps,
                       .policy = attributes.policy,
                       .flags = attributes.flags,
                       .nice = attributes.nice,
                       .priority = attributes.priority,
                       .runtime = attributes.runtime_ns,
                       .deadline = attributes.deadline_ns,
                       .period = attributes.period_ns,
                       .util_min = 0,
                       .util_max = 0};
  if (::syscall(SYS_sched_setattr, 0, &attr, 0) != 0) return fail_errno("sched_setattr");
  return {};
}

Result<> set_io_priority(std::uint32_t class_and_priority) {
  if (::syscall(SYS_ioprio_set, kWhoProcess, 0, class_and_priority) != 0)
    return fail_errno("ioprio_set");
  return {};
}

Result<> set_affinity(pid_t pid, std::span<const std::uint8_t> mask) {
  if (::syscall(SYS_sched_setaffinity, pid, mask.size(), mask.data()) != 0)
    return fail_errno("sched_setaffinity");
  return {};
}

Result<std::vector<std::uint8_t>> own_affinity() {
  std::vector<std::uint8_t> mask(kLargestMask);
  const long size = ::syscall(SYS_sched_getaffinity, 0, mask.size(), mask.data());
  if (size < 0) return fail_errno("sched_getaffinity");
  mask.resize(static_cast<std::size_t>(size));
  return mask;
}

}  // namespace brig::sys
