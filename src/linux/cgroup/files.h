// The files of one container's cgroups, for one run of writes.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "linux/cgroup/apply.h"
#include "linux/cgroup/types.h"
#include "sys/fd.h"

namespace brig {

// Consecutive writes to one file, such as a list of devices, open it once.
class CgroupFiles {
 public:
  CgroupFiles(const CgroupPaths& paths, const CgroupHandles& handles)
      : paths_(paths), handles_(handles) {}

  Result<> write(const CgroupWrite& write);
  // Another file of the same cgroup, without the last newline.
  Result<std::string> read(const CgroupWrite& beside, const std::string& name);

  [[nodiscard]] std::string path_of(const CgroupWrite& write) const;

 private:
  [[nodiscard]] const CgroupDir& dir_of(const CgroupWrite& write) const;
  Result<Fd> open_file(const CgroupWrite& write, int flags);

  const CgroupPaths& paths_;
  const CgroupHandles& handles_;
  Fd file_;
  std::string name_;
  std::int32_t hierarchy_ = kCgroupV2;
};

}  // namespace brig
