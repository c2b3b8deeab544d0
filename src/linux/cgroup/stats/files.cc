#include "linux/cgroup/stats/files.h"

#include <cerrno>
#include <utility>

#include "linux/cgroup/stats/parse.h"
#include "linux/cgroup/tree.h"
#include "sys/file.h"

namespace brig {

Result<CounterFiles> CounterFiles::open(const CgroupDir& dir) {
  std::optional<Fd> opened = TRY(open_cgroup(dir));
  return CounterFiles(opened ? std::move(*opened) : Fd());
}

Result<std::vector<std::string>> CounterFiles::names() const {
  if (!dir_) return std::vector<std::string>{};
  Result<std::vector<std::string>> found = sys::list_dir(dir_);
  if (!found && found.error().sys_errno() == ENOENT) return std::vector<std::string>{};
  return found;
}

Result<std::string> CounterFiles::text(const std::string& file) const {
  if (!dir_) return std::string();
  Result<std::optional<std::string>> found = read_cgroup_file(dir_, file);
  // The files of PSI are there when it was turned off at boot, and refuse to be read.
  if (!found && found.error().sys_errno() == EOPNOTSUPP) return std::string();
  if (!found) return std::unexpected(std::move(found).error());
  return found->has_value() ? std::move(**found) : std::string();
}

Result<std::uint64_t> CounterFiles::count(const std::string& file) const {
  const std::string found = TRY(text(file));
  return parse_count(found);
}

Result<std::uint64_t> CounterFiles::count_of_either(const std::string& file,
                                                    const std::string& other) const {
  const std::string found = TRY(text(file));
  if (found.empty()) return count(other);
  return parse_count(found);
}

Result<KeyValues> CounterFiles::key_values(const std::string& file) const {
  const std::string found = TRY(text(file));
  return parse_key_values(found);
}

Result<std::optional<Pressure>> CounterFiles::pressure(const std::string& file) const {
  const std::string found = TRY(text(file));
  if (found.empty()) return std::nullopt;
  return parse_pressure(found);
}

}  // namespace brig
