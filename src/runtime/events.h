// Watching a container until it ends.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/error.h"
#include "runtime/runtime.h"
#include "runtime/stats.h"

namespace brig::runtime {

struct WatchOptions {
  std::string id;
  std::int64_t interval_ms = 5000;
};

// Who is told. An error ends the watch.
struct Watcher {
  std::function<Result<>(const ContainerStats&)> stats;  // once an interval
  std::function<Result<>()> out_of_memory;               // each time, at once
};

// Returns when the container's init has ended.
Result<> watch(const Settings& settings, const WatchOptions& options, const Watcher& watcher);

}  // namespace brig::runtime
