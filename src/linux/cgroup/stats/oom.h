// Tells when the kernel found no more memory within the container's limit.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "linux/cgroup/stats/files.h"
#include "linux/cgroup/types.h"
#include "sys/fd.h"

namespace brig {

class OomWatch {
 public:
  // Without a memory controller it never tells anything.
  static Result<OomWatch> open(const CgroupPaths& paths);

  // Becomes readable when there may be something to take; none without a memory controller.
  [[nodiscard]] FdRef fd() const { return signal_ ? FdRef(signal_) : FdRef::none(); }
  // How often it happened since the last call. Never waits.
  Result<std::uint64_t> take();

 private:
  enum class Source : std::uint8_t { None, V1, V2 };
  OomWatch() : files_(Fd()) {}

  static Result<OomWatch> open_v1(const CgroupDir& dir);
  static Result<OomWatch> open_v2(const CgroupDir& dir);
  Result<std::uint64_t> take_v1() const;
  Result<std::uint64_t> take_v2();

  Source source_ = Source::None;
  CounterFiles files_;
  Fd signal_;                // v1: an eventfd; v2: inotify
  std::uint64_t kills_ = 0;  // v2: those already told
};

}  // namespace brig
