#include "sys/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "sys/file.h"
#include "sys/retry.h"

namespace brig::sys {

namespace {

// Linux 6.3. Where vm.memfd_noexec is 2 the kernel refuses every memfd without it.
constexpr unsigned kMfdNoexecSeal = 8U;

}  // namespace

Result<Fd> open_memory_file(const char* name) {
  int fd = ::memfd_create(name, MFD_CLOEXEC | kMfdNoexecSeal);
  if (fd < 0 && errno == EINVAL) fd = ::memfd_create(name, MFD_CLOEXEC);  // an older kernel
  if (fd < 0) return fail_errno("memfd_create ", name);
  return Fd(fd);
}

Result<Fd> memory_file_with(const char* name, std::string_view data) {
  Fd file = TRY(open_memory_file(name));
  TRY_DOING(write_all(file, data), name);
  if (::lseek(FdRef(file).raw(), 0, SEEK_SET) != 0) return fail_errno("lseek ", name);
  return file;
}

Result<Fd> sealed_program(const char* name, std::string_view image) {
  constexpr unsigned kMfdExec = 0x10U;  // Linux 6.3; without it vm.memfd_noexec may forbid it
  int fd = ::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | kMfdExec);
  if (fd < 0 && errno == EINVAL) fd = ::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return fail_errno("memfd_create ", name);
  Fd file(fd);
  TRY_DOING(write_all(file, image), name);
  constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  if (::fcntl(file.raw(), F_ADD_SEALS, kSeals) != 0) return fail_errno("seal ", name);
  return file;
}

Result<std::string> read_start(FdRef file, std::size_t size) {
  std::string data(size, '\0');
  const ssize_t got = retry_eintr([&] { return ::pread(file.raw(), data.data(), size, 0); });
  if (got < 0) return fail_errno("pread");
  if (static_cast<std::size_t>(got) != size) return std::unexpected(Error::system(EIO, "pread"));
  return data;
}

Result<std::string> read_whole(FdRef file, std::size_t limit) {
  const struct stat info = TRY(fstat(file));
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > limit) return std::unexpected(Error::system(EFBIG, "pread"));
  return read_start(file, size);
}

}  // namespace brig::sys
