#include "container/store.h"

#include <algorithm>

#include "container/id.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig {

namespace {

constexpr int kDeepest = 8;  // brig itself makes two levels

Result<> remove_entry(FdRef dir, const std::string& name, int depth);

Result<> remove_children(FdRef dir, int depth) {
  const std::vector<std::string> names = TRY(sys::list_dir(dir));
  for (const std::string& name : names) TRY(remove_entry(dir, name, depth));
  return {};
}

// A link is unlinked, never followed; a directory is entered by descriptor (CVE-2022-21658).
Result<> remove_entry(FdRef dir, const std::string& name, int depth) {
  Result<> unlinked = sys::unlink_at(dir, name);
  if (unlinked || unlinked.error().sys_errno() == ENOENT) return {};
  if (unlinked.error().sys_errno() != EISDIR || depth >= kDeepest) return unlinked;
  const Fd below = TRY(sys::open_beneath(dir, name, O_RDONLY | O_DIRECTORY));
  TRY(remove_children(below, depth + 1));
  return sys::rmdir_at(dir, name);
}

std::unexpected<Error> no_such_container() {
  return fail(Errc::NotFound, "container does not exist");
}

}  // namespace

Result<> ContainerDir::lock() const {
  TRY(sys::flock_exclusive(dir_));
  // Whoever had the lock may have removed the container: then this is a directory without a name.
  const struct stat info = TRY(sys::fstat(dir_));
  return info.st_nlink == 0 ? no_such_container() : Result<>();
}

Result<> ContainerDir::unlock() const {
  return sys::funlock(dir_);
}

Result<> ContainerDir::replace_file(const std::string& name, std::string_view content) const {
  const std::string beside = cat(".", name, ".", sys::own_pid());
  Result<> made = sys::create_file_at(dir_, beside, content, 0600);
  if (!made && made.error().sys_errno() == EEXIST) {
    // Left by a brig that was killed right here and had our process number.
    TRY(sys::unlink_at(dir_, beside));
    made = sys::create_file_at(dir_, beside, content, 0600);
  }
  TRY(std::move(made));
  return sys::rename_at(dir_, beside, name);
}

Result<> ContainerDir::create_file(const std::string& name, std::string_view content) const {
  return sys::create_file_at(dir_, name, content, 0600);
}

Result<std::string> ContainerDir::read_file(const std::string& name) const {
  constexpr std::size_t kLimit = std::size_t{64} << 20;
  // O_NONBLOCK: whatever lies there in place of our file must not hold us.
  const Fd file = TRY(sys::open_beneath(dir_, name, O_RDONLY | O_NONBLOCK));
  const struct stat info = TRY(sys::fstat(file));
  if (!S_ISREG(info.st_mode)) return fail(Errc::BadConfig, cat(name, ": not a regular file"));
  return TRY_DOING(sys::read_all(file, kLimit), "read ", name);
}

namespace {

Error explain_refusal(Error error) {
  if (error.sys_errno() == EACCES)
    error.add_context("not yours: set XDG_RUNTIME_DIR, or name another directory with --root");
  return error;
}

}  // namespace

Result<Store> Store::open_or_make(const std::string& root) {
  Result<Fd> dir = sys::open_at(FdRef::cwd(), root, O_RDONLY | O_DIRECTORY);
  if (!dir && dir.error().sys_errno() == ENOENT) {
    if (Result<> made = sys::make_dirs(root, 0700); !made) {
      made.error().add_context(cat("make the state directory ", root));
      return std::unexpected(explain_refusal(std::move(made.error())));
    }
    dir = sys::open_at(FdRef::cwd(), root, O_RDONLY | O_DIRECTORY);
  }
  if (!dir) {
    dir.error().add_context(cat("open the state directory ", root));
    return std::unexpected(explain_refusal(std::move(dir.error())));
  }
  return Store(std::move(*dir));
}

Result<Store> Store::open(const std::string& root) {
  Result<Fd> dir = sys::open_at(FdRef::cwd(), root, O_RDONLY | O_DIRECTORY);
  if (!dir && dir.error().sys_errno() == ENOENT) return Store(Fd());
  if (!dir) return std::unexpected(std::move(dir.error()));
  return Store(std::move(*dir));
}

Result<ContainerDir> Store::claim(const std::string& id) const {
  Result<> made = sys::mkdir_at(root_, id, 0700);
  if (!made && made.error().sys_errno() == EEXIST)
    return fail(Errc::Exists, "container with given ID already exists");
  if (!made) return std::unexpected(std::move(made.error()));
  Fd dir = TRY(sys::open_beneath(root_, id, O_RDONLY | O_DIRECTORY));
  ContainerDir container(std::move(dir), id);
  TRY(container.lock());
  return container;
}

Result<ContainerDir> Store::find(const std::string& id) const {
  if (!root_) return no_such_container();
  Result<Fd> dir = sys::open_beneath(root_, id, O_RDONLY | O_DIRECTORY);
  if (dir) return ContainerDir(std::move(*dir), id);
  const int err = dir.error().sys_errno();
  if (err == ENOENT || err == ENOTDIR || err == ELOOP) return no_such_container();
  return std::unexpected(std::move(dir.error()));
}

Result<> Store::remove(const ContainerDir& container) const {
  // What a container usually has, by name; only if there is more, the directory is read.
  for (const char* name : {kStateFile, kConfigFile, kStartFifo, kResultFifo})
    ignore(sys::unlink_at(container.dir(), name), "what is left is dealt with below");
  Result<> removed = sys::rmdir_at(root_, container.id());
  if (removed || removed.error().sys_errno() != ENOTEMPTY) return removed;
  TRY(remove_children(container.dir(), 0));
  return sys::rmdir_at(root_, container.id());
}

Result<std::vector<std::string>> Store::ids() const {
  if (!root_) return std::vector<std::string>();
  std::vector<std::string> names = TRY(sys::list_dir(root_));
  std::erase_if(names, [](const std::string& name) { return !validate_id(name); });
  std::ranges::sort(names);
  return names;
}

}  // namespace brig
