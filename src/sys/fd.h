// Owning and borrowed file descriptors. A raw int never crosses a function boundary outside sys/.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace brig {

class [[nodiscard]] Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) noexcept : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);  // never retried: Linux frees the slot even on EINTR
  }
  [[nodiscard]] int raw() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }
  void close() noexcept { *this = Fd(); }
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  friend class FdRef;
  int fd_ = -1;
};

class FdRef {
 public:
  FdRef(const Fd& fd) noexcept : fd_(fd.fd_) {}  // NOLINT(google-explicit-constructor)
  static FdRef cwd() noexcept { return FdRef(AT_FDCWD); }
  static FdRef none() noexcept { return FdRef(-1); }
  // For numbers that come from outside: 0, 1, 2, a --preserve-fds slot, an inherited slot.
  static FdRef number(int fd) noexcept { return FdRef(fd); }
  [[nodiscard]] int raw() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0 || fd_ == AT_FDCWD; }

 private:
  explicit FdRef(int fd) noexcept : fd_(fd) {}
  int fd_;
};

}  // namespace brig
