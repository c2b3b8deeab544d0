// What a container will find at a path, as far as that can be known before it exists: the root file
// system and the trees that are bound over it, without a step out of either.
#pragma once

#include <sys/stat.h>

#include <string>

#include "base/error.h"
#include "linux/mount/plan.h"
#include "sys/fd.h"

namespace brig::runtime {

class ContainerFiles {
 public:
  ContainerFiles(const MountPlan& mounts, std::string rootfs)
      : mounts_(mounts), rootfs_(std::move(rootfs)) {}

  // A relative path begins at `cwd`.
  [[nodiscard]] Result<struct stat> look(const std::string& path, const std::string& cwd) const;
  // What a regular file begins with; empty where it cannot be read.
  [[nodiscard]] std::string begin_of(const std::string& path, const std::string& cwd,
                                     std::size_t bytes) const;

  // Whether something else may be there in the end: a new filesystem covers it, or a link may lead
  // into a tree that is bound.
  [[nodiscard]] bool is_sure(const std::string& path, const std::string& cwd) const;

 private:
  // O_PATH
  [[nodiscard]] Result<Fd> open(const std::string& path, const std::string& cwd) const;
  [[nodiscard]] const MountStep* covering(const std::string& path) const;

  const MountPlan& mounts_;
  std::string rootfs_;
};

}  // namespace brig::runtime
