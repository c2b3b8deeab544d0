// The files of one cgroup, for reading counters. A file that is not there, or a cgroup that has
// gone, reads as empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "linux/cgroup/stats/stats.h"
#include "linux/cgroup/types.h"
#include "sys/fd.h"

namespace brig {

class CounterFiles {
 public:
  static Result<CounterFiles> open(const CgroupDir& dir);
  // A directory that is open already.
  explicit CounterFiles(Fd dir) : dir_(std::move(dir)) {}

  [[nodiscard]] FdRef dir() const { return dir_; }  // none when there is no such cgroup
  Result<std::vector<std::string>> names() const;
  Result<std::string> text(const std::string& file) const;
  Result<std::uint64_t> count(const std::string& file) const;
  // Of the first, unless only the second is there.
  Result<std::uint64_t> count_of_either(const std::string& file, const std::string& other) const;
  Result<KeyValues> key_values(const std::string& file) const;
  Result<std::optional<Pressure>> pressure(const std::string& file) const;

 private:
  Fd dir_;
};

}  // namespace brig
