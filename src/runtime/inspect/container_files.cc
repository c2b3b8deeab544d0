#include "runtime/inspect/container_files.h"

#include <algorithm>

#include "base/host_paths.h"
#include "linux/container_path.h"
#include "sys/file.h"

namespace brig::runtime {

namespace {

std::string absolute(const std::string& path, const std::string& cwd) {
  return clean_path(path.starts_with('/') ? path : cat(cwd, "/", path));
}

Result<Fd> open_in(const std::string& tree, const std::string& path) {
  const Fd root = TRY(sys::open_at(FdRef::cwd(), tree, O_PATH | O_DIRECTORY));
  return sys::open_in_root(root, path.empty() ? "." : path, O_PATH);
}

bool covers(const MountStep& step) {
  return std::holds_alternative<NewFilesystem>(step.what) ||
         std::holds_alternative<TreeSlot>(step.what);
}

// Programs do not live there.
bool is_of_the_kernel(const std::string& target) {
  return is_within(target, host_paths::kProc) || is_within(target, host_paths::kSys) ||
         is_within(target, host_paths::kDev);
}

bool is_directory(const std::string& path) {
  const Result<Fd> opened = sys::open_at(FdRef::cwd(), path, O_PATH | O_DIRECTORY);
  return opened.has_value();
}

}  // namespace

// Of mounts on one place the last is on top.
const MountStep* ContainerFiles::covering(const std::string& path) const {
  const MountStep* deepest = nullptr;
  for (const MountStep& step : mounts_.steps) {
    if (!covers(step) || !is_within(path, step.target.text)) continue;
    if (deepest == nullptr || step.target.text.size() >= deepest->target.text.size())
      deepest = &step;
  }
  return deepest;
}

Result<Fd> ContainerFiles::open(const std::string& path, const std::string& cwd) const {
  const std::string whole = absolute(path, cwd);
  const MountStep* const step = covering(whole);
  if (step == nullptr) return open_in(rootfs_, whole.substr(1));
  const auto* const tree = std::get_if<TreeSlot>(&step->what);
  if (tree == nullptr) return std::unexpected(Error::system(ENOENT, whole));
  const std::string& source = mounts_.trees[tree->index].source;
  if (whole == step->target.text) return sys::open_at(FdRef::cwd(), source, O_PATH);
  return open_in(source, whole.substr(step->target.text.size() + 1));
}

Result<struct stat> ContainerFiles::look(const std::string& path, const std::string& cwd) const {
  const Fd file = TRY(open(path, cwd));
  return sys::fstat(file);
}

// Opened for reading only once it is known to be no fifo and no device.
std::string ContainerFiles::begin_of(const std::string& path, const std::string& cwd,
                                     std::size_t bytes) const {
  const Result<Fd> file = open(path, cwd);
  if (!file) return {};
  const Result<struct stat> info = sys::fstat(*file);
  if (!info || !S_ISREG(info->st_mode)) return {};
  const Result<Fd> readable = sys::open_at(FdRef::cwd(), sys::fd_path(*file), O_RDONLY);
  if (!readable) return {};
  const Result<std::string> text = sys::read_some(*readable);
  return text ? text->substr(0, bytes) : std::string();
}

bool ContainerFiles::is_sure(const std::string& path, const std::string& cwd) const {
  if (covering(absolute(path, cwd)) != nullptr) return false;
  return std::ranges::none_of(mounts_.steps, [&](const MountStep& step) {
    const auto* const tree = std::get_if<TreeSlot>(&step.what);
    return tree != nullptr && !is_of_the_kernel(step.target.text) &&
           is_directory(mounts_.trees[tree->index].source);
  });
}

}  // namespace brig::runtime
