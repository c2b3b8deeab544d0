#include "runtime/self_image.h"

#include "base/host_paths.h"
#include "sys/file.h"
#include "sys/memory_file.h"
#include "sys/mount.h"

namespace brig::runtime {

namespace {

constexpr std::uint64_t kAttrReadOnly = 0x1;
constexpr std::size_t kLargestImage = std::size_t{256} << 20;

Result<Fd> clone_read_only() {
  Fd clone = TRY(sys::clone_tree(FdRef::cwd(), host_paths::kSelfExe, sys::Recursive::No));
  TRY(sys::set_mount_attributes(clone, {.set = kAttrReadOnly}, sys::Recursive::No));
  return clone;
}

Result<Fd> copy_into_memory() {
  const Fd self = TRY(sys::open_at(FdRef::cwd(), host_paths::kSelfExe, O_RDONLY));
  const std::string image = TRY(sys::read_all(self, kLargestImage));
  return sys::sealed_program("brig", image);
}

}  // namespace

Result<Fd> open_self_image() {
  // Cloning needs CAP_SYS_ADMIN over the mount namespace, and a mount that is not unbindable.
  Result<Fd> clone = clone_read_only();
  if (clone) return clone;
  Fd copy = TRY_DOING(copy_into_memory(), "protect the brig binary");
  return copy;
}

}  // namespace brig::runtime
