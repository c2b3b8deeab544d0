// What a running container uses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "linux/cgroup/stats/stats.h"
#include "runtime/runtime.h"
#include "sys/fd.h"
#include "sys/net_dev.h"

namespace brig::runtime {

struct ContainerStats {
  std::string id;
  std::int64_t taken_ms = 0;  // on the clock of sys::monotonic_ms
  CgroupStats cgroup;
  // Empty too where the container has no network namespace of its own.
  std::vector<sys::NetworkInterface> network;
};

// A container to be read again and again, until its init ends.
class StatsSource {
 public:
  // Errc::WrongState when it is not running (or created, or paused).
  static Result<StatsSource> open(const Settings& settings, const std::string& id);

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const CgroupPaths& cgroup() const { return cgroup_; }
  [[nodiscard]] FdRef init() const { return init_; }  // a pidfd: readable from the end on
  [[nodiscard]] bool ended() const;
  Result<ContainerStats> read() const;

 private:
  StatsSource() = default;
  [[nodiscard]] std::vector<sys::NetworkInterface> network() const;

  std::string id_;
  CgroupPaths cgroup_;
  Fd init_, init_proc_;
  bool own_network_ = false;
};

}  // namespace brig::runtime
