// What `brig stats` says about one container: the few numbers that people look at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/stats.h"

namespace brig::cli {

// Percents are in hundredths: 10000 is 100 %. Nothing stands for what the host does not count.
struct StatsRow {
  std::string id;
  std::optional<std::uint64_t> cpu;  // 100 % is one CPU; unknown until the second look
  // Without the page cache that the kernel would give away at once, as Docker and Kubernetes show
  // it: everything that was ever read counts as memory otherwise.
  std::uint64_t memory = 0;
  std::optional<std::uint64_t> memory_limit, memory_percent;
  std::uint64_t swap = 0;
  std::uint64_t read = 0, written = 0;          // bytes of block devices
  std::optional<std::uint64_t> received, sent;  // but over lo
  std::uint64_t pids = 0;
  std::optional<std::uint64_t> pids_limit;
  // The share of the last ten seconds in which some process waited for it.
  std::optional<std::uint64_t> cpu_pressure, memory_pressure, io_pressure;
};

// `before`: an earlier look at the same container, or nullptr.
StatsRow stats_row(const runtime::ContainerStats* before, const runtime::ContainerStats& now);

std::string stats_json(const StatsRow& row);  // one line

}  // namespace brig::cli
