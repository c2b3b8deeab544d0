// What the kernel counts for a container's cgroups, in the same units and under the same names
// whether v1, v2 or both of them (hybrid) count it.
//
//   parse        the text of one file -> numbers (pure)
//   controllers  reads the files of each, through files.h
//   oom          tells when the kernel ran out of the memory that the container may have
//
// What the host does not count is zero, empty or absent; that is never an error.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "linux/cgroup/types.h"

namespace brig {

using KeyValues = std::map<std::string, std::uint64_t>;

inline constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

// The share of time in which somebody (or everybody) waited for a resource (PSI, Linux 4.20).
struct PressureShare {
  std::uint64_t avg10 = 0, avg60 = 0, avg300 = 0;  // hundredths of a percent
  std::uint64_t total_us = 0;
  bool operator==(const PressureShare&) const = default;
};
struct Pressure {
  PressureShare some, full;
  bool operator==(const Pressure&) const = default;
};

struct CpuStats {
  std::uint64_t total_ns = 0, user_ns = 0, kernel_ns = 0;
  std::vector<std::uint64_t> percpu_ns, percpu_user_ns, percpu_kernel_ns;  // v1
  std::uint64_t periods = 0, throttled_periods = 0, throttled_ns = 0;
  std::uint64_t burst_periods = 0, burst_ns = 0;  // Linux 5.14
  std::optional<Pressure> pressure;
};

struct CpusetStats {
  std::vector<std::uint64_t> cpus, mems;
  // v1 only, all of these.
  std::uint64_t cpu_exclusive = 0, mem_exclusive = 0, mem_hardwall = 0, memory_migrate = 0,
                memory_spread_page = 0, memory_spread_slab = 0, memory_pressure = 0,
                sched_load_balance = 0;
  std::int64_t sched_relax_domain_level = 0;
};

struct MemoryCounter {
  std::uint64_t usage = 0, max = 0, failcnt = 0;
  std::uint64_t limit = 0;  // kNoLimit on v2; v1 has a number near 2^63 for that
  bool operator==(const MemoryCounter&) const = default;
};

struct MemoryStats {
  std::uint64_t cache = 0;
  MemoryCounter usage;
  MemoryCounter swap;                // together with the memory, as v1 counts it
  std::uint64_t swapped = 0;         // swap alone
  MemoryCounter kernel, kernel_tcp;  // v1
  KeyValues raw;                     // memory.stat
  KeyValues events;                  // memory.events; oom_kill alone on v1
  std::optional<Pressure> pressure;
};

struct PidsStats {
  std::uint64_t current = 0;
  std::uint64_t limit = 0;   // 0: none
  std::uint64_t denied = 0;  // how often a fork met the limit
};

struct IoEntry {
  std::uint64_t major = 0, minor = 0;
  std::string op;  // "Read", "Write", ...; empty where the file has none
  std::uint64_t value = 0;
  bool operator==(const IoEntry&) const = default;
};

struct IoStats {
  std::vector<IoEntry> service_bytes, serviced;
  // v1 with the BFQ or CFQ scheduler.
  std::vector<IoEntry> queued, service_time, wait_time, merged, time, sectors;
  std::map<std::string, KeyValues> raw;  // v2: io.stat by "MAJOR:MINOR", io.cost's keys too
  std::optional<Pressure> pressure;
};

struct HugetlbStats {
  std::uint64_t usage = 0, max = 0, failcnt = 0;
  bool operator==(const HugetlbStats&) const = default;
};

struct RdmaStats {
  std::uint64_t hca_handles = 0, hca_objects = 0;
  bool operator==(const RdmaStats&) const = default;
};

struct MiscStats {
  std::uint64_t current = 0, limit = kNoLimit, denied = 0;
  bool operator==(const MiscStats&) const = default;
};

struct CgroupStats {
  CpuStats cpu;
  CpusetStats cpuset;
  MemoryStats memory;
  PidsStats pids;
  IoStats io;
  std::map<std::string, HugetlbStats> hugetlb;                // by page size: "2MB"
  std::map<std::string, RdmaStats> rdma_current, rdma_limit;  // by device
  std::map<std::string, MiscStats> misc;                      // by resource
};

Result<CgroupStats> read_cgroup_stats(const CgroupPaths& paths);

}  // namespace brig
