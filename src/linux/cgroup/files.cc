#include "linux/cgroup/files.h"

#include <fcntl.h>

#include "sys/file.h"

namespace brig {

namespace {

constexpr std::size_t kMaxContent = std::size_t{1} << 20;  // a line for each of many devices

}  // namespace

Result<> CgroupFiles::write(const CgroupWrite& write) {
  if (!file_ || write.file != name_ || write.hierarchy != hierarchy_) {
    file_.close();
    file_ = TRY(open_file(write, O_WRONLY));
    name_ = write.file;
    hierarchy_ = write.hierarchy;
  }
  return sys::write_all(file_, write.value);
}

Result<std::string> CgroupFiles::read(const CgroupWrite& beside, const std::string& name) {
  CgroupWrite other = beside;
  other.file = name;
  const Fd file = TRY(open_file(other, O_RDONLY));
  std::string text = TRY(sys::read_all(file, kMaxContent));
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string CgroupFiles::path_of(const CgroupWrite& write) const {
  return cat(directory_of(dir_of(write)), "/", write.file);
}

const CgroupDir& CgroupFiles::dir_of(const CgroupWrite& write) const {
  if (write.hierarchy == kCgroupV2) return paths_.v2[0];
  return paths_.v1[static_cast<std::size_t>(write.hierarchy)];
}

Result<Fd> CgroupFiles::open_file(const CgroupWrite& write, int flags) {
  if (write.hierarchy == kCgroupV2 && handles_.v2_dir)
    return sys::open_at(handles_.v2_dir, write.file, flags);
  return sys::open_at(FdRef::cwd(), path_of(write), flags);
}

}  // namespace brig
