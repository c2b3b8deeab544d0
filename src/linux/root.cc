#include "linux/root.h"

#include "linux/container_path.h"
#include "sys/file.h"

namespace brig {

namespace {

// openat2 wants a path below its directory; "/" itself is ".".
std::string relative(const ContainerPath& path) {
  const std::string clean = clean_path(path.text);
  return clean == "/" ? "." : clean.substr(1);
}

}  // namespace

Result<Fd> open_plain_file(const Place& place) {
  Result<Fd> made =
      sys::open_at(place.parent, place.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
  if (!made && made.error().sys_errno() != EEXIST) return made;
  return sys::open_beneath(place.parent, place.name, O_PATH);
}

Result<Fd> Root::open(const ContainerPath& path, int flags) const {
  return sys::open_in_root(dir_, relative(path), flags);
}

Result<Fd> Root::open_no_links(const ContainerPath& path, int flags) const {
  return sys::open_beneath(dir_, relative(path), flags);
}

Result<Place> Root::ensure_parent(const ContainerPath& path) const {
  const std::string clean = clean_path(path.text);
  const std::size_t slash = clean.find_last_of('/');
  Fd parent = TRY(ensure_dir({clean.substr(0, slash)}));
  return Place{.parent = std::move(parent), .name = clean.substr(slash + 1)};
}

Result<Fd> Root::ensure_dir(const ContainerPath& path) const {
  Result<Fd> dir = open(path, O_PATH | O_DIRECTORY);
  if (dir || dir.error().sys_errno() != ENOENT) return dir;
  const Place place = TRY(ensure_parent(path));
  const Result<> made = sys::mkdir_at(place.parent, place.name, 0755);
  // EEXIST is somebody who was quicker, or a dangling link: the open tells which.
  if (!made && made.error().sys_errno() != EEXIST) return fail_errno("mkdir ", path.text);
  return sys::open_beneath(place.parent, place.name, O_PATH | O_DIRECTORY);
}

Result<Fd> Root::ensure_file(const ContainerPath& path) const {
  Result<Fd> file = open(path, O_PATH);
  if (file || file.error().sys_errno() != ENOENT) return file;
  const Place place = TRY(ensure_parent(path));
  return open_plain_file(place);
}

}  // namespace brig
