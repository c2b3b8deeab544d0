// A memory file mapped into both processes that hold its descriptor.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "base/error.h"
#include "sys/fd.h"

namespace brig::sys {

class SharedMemory {
 public:
  // A new memory file of `size` bytes, all zero, mapped for reading and writing.
  static Result<SharedMemory> make(const char* name, std::size_t size);
  // The same without a file: for children that are copies of this process.
  static Result<SharedMemory> make_anonymous(std::size_t size);
  // One that another process made.
  static Result<SharedMemory> open(Fd file);

  SharedMemory() = default;
  SharedMemory(SharedMemory&& other) noexcept
      : file_(std::move(other.file_)), bytes_(std::exchange(other.bytes_, {})) {}
  SharedMemory& operator=(SharedMemory other) noexcept {
    std::swap(file_, other.file_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~SharedMemory();

  [[nodiscard]] FdRef file() const { return file_; }
  [[nodiscard]] std::span<std::byte> bytes() const { return bytes_; }

 private:
  static Result<SharedMemory> map(Fd file, std::size_t size, int flags);
  Fd file_;
  std::span<std::byte> bytes_;
};

}  // namespace brig::sys
