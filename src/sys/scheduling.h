// sched_setattr(2) and ioprio_set(2) of the calling thread, sched_setaffinity(2).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"

namespace brig::sys {

// struct sched_attr (sched_setattr(2)) without its size.
struct SchedulerAttributes {
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime_ns = 0, deadline_ns = 0, period_ns = 0;
};
Result<> set_scheduler(const SchedulerAttributes& attributes);

Result<> set_io_priority(std::uint32_t class_and_priority);

// Of a process' first thread. Bit i of the bytes is processor i.
Result<> set_affinity(pid_t pid, std::span<const std::uint8_t> mask);
Result<std::vector<std::uint8_t>> own_affinity();

}  // namespace brig::sys
