#include "sys/shared_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include "sys/file.h"
#include "sys/memory_file.h"

namespace brig::sys {

Result<SharedMemory> SharedMemory::map(Fd file, std::size_t size, int flags) {
  void* start = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | flags, file.raw(), 0);
  if (start == MAP_FAILED) return fail_errno("mmap");
  SharedMemory memory;
  memory.file_ = std::move(file);
  memory.bytes_ = {static_cast<std::byte*>(start), size};
  return memory;
}

Result<SharedMemory> SharedMemory::make(const char* name, std::size_t size) {
  Fd file = TRY(open_memory_file(name));
  if (::ftruncate(file.raw(), static_cast<off_t>(size)) != 0) return fail_errno("ftruncate");
  return map(std::move(file), size, 0);
}

Result<SharedMemory> SharedMemory::make_anonymous(std::size_t size) {
  return map(Fd(), size, MAP_ANONYMOUS);
}

Result<SharedMemory> SharedMemory::open(Fd file) {
  const struct stat info = TRY(fstat(file));
  if (info.st_size <= 0) return fail(Errc::Protocol, "an empty memory file");
  return map(std::move(file), static_cast<std::size_t>(info.st_size), 0);
}

SharedMemory::~SharedMemory() {
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

}  // namespace brig::sys
