#include "sys/scheduling.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace brig::sys {

namespace {

constexpr int kWhoProcess = 1;  // IOPRIO_WHO_PROCESS
constexpr std::size_t kLargestMask = 8192;

// The kernel's layout (SCHED_ATTR_SIZE_VER0); the C library of Debian 12 has none.
struct SchedAttr {
  std::uint32_t size;
  std::uint32_t policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime, deadline, period;
};
static_assert(sizeof(SchedAttr) == 48);

}  // namespace

Result<> set_scheduler(const SchedulerAttributes& attributes) {
  const SchedAttr attr{.size = sizeof(SchedAttr),
                       .policy = attributes.policy,
                       .flags = attributes.flags,
                       .nice = attributes.nice,
                       .priority = attributes.priority,
                       .runtime = attributes.runtime_ns,
                       .deadline = attributes.deadline_ns,
                       .period = attributes.period_ns};
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
