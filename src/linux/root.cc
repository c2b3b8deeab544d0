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
      sys::open_at(place.parent(), place.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
  if (!made && made.error().sys_errno() != EEXIST) return made;
  return sys::open_beneath(place.parent(), place.name, O_PATH);
}

Result<Fd> Root::open(const ContainerPath& path, int flags) const {
  return sys::open_in_root(dir_, relative(path), flags);
}

Result<Fd> Root::open_no_links(const ContainerPath& path, int flags) const {
  return sys::open_beneath(dir_, relative(path), flags);
}

Result<Fd> Root::open_link(const ContainerPath& path) const {
  const std::string clean = clean_path(path.text);
  const std::size_t slash = clean.find_last_of('/');
  const Result<Fd> parent = open({clean.substr(0, slash + 1)}, O_PATH | O_DIRECTORY);
  if (!parent) return Fd();
  Result<Fd> found = sys::open_at(*parent, clean.substr(slash + 1), O_PATH | O_NOFOLLOW);
  if (!found) return Fd();
  const struct stat info = TRY(sys::fstat(*found));
  return S_ISLNK(info.st_mode) ? std::move(found) : Fd();
}

void Root::note_mount(const ContainerPath& path, FdRef mount) {
  const std::string clean = clean_path(path.text);
  // What it covers is no longer where its path leads.
  std::erase_if(mounted_, [&](const Mounted& old) { return is_within(old.path, clean); });
  mounted_.push_back({.path = clean, .mount = mount});
}

const Root::Mounted* Root::deepest_above(std::string_view path) const {
  const Mounted* deepest = nullptr;
  for (const Mounted& mounted : mounted_) {
    if (mounted.path == path || !is_within(path, mounted.path)) continue;
    if (deepest == nullptr || mounted.path.size() > deepest->path.size()) deepest = &mounted;
  }
  return deepest;
}

Result<Fd> Root::open_below_mount(const ContainerPath& path, int flags) const {
  const std::string clean = clean_path(path.text);
  const Mounted* above = deepest_above(clean);
  if (above == nullptr) return Fd();
  Result<Fd> found = sys::open_beneath(above->mount, clean.substr(above->path.size() + 1), flags);
  if (found) return found;
  const int err = found.error().sys_errno();
  if (err == ENOENT || err == ENOTDIR || err == ELOOP) return Fd();
  return found;
}

FdRef Root::known(std::string_view path) const {
  for (const Mounted& mounted : mounted_)
    if (mounted.path == path) return mounted.mount;
  return FdRef::none();
}

Result<Place> Root::ensure_parent(const ContainerPath& path) const {
  const std::string clean = clean_path(path.text);
  const std::size_t slash = clean.find_last_of('/');
  Place place{.known = known(std::string_view(clean).substr(0, slash)),
              .name = clean.substr(slash + 1)};
  if (!place.known) place.opened = TRY(ensure_dir({clean.substr(0, slash)}));
  return place;
}

Result<Fd> Root::ensure_dir(const ContainerPath& path) const {
  const FdRef parent = known(std::string_view(path.text).substr(0, path.text.find_last_of('/')));
  if (!parent) {
    Result<Fd> dir = open(path, O_PATH | O_DIRECTORY);
    if (dir || dir.error().sys_errno() != ENOENT) return dir;
  }
  const Place place = TRY(ensure_parent(path));
  Result<> made = sys::mkdir_at(place.parent(), place.name, 0755);
  // EEXIST is somebody who was quicker, or a link: in a mount that the image had no part in there
  // are none, and elsewhere a dangling one.
  if (!made && made.error().sys_errno() != EEXIST) return std::unexpected(std::move(made.error()));
  Result<Fd> dir = sys::open_beneath(place.parent(), place.name, O_PATH | O_DIRECTORY);
  if (dir || dir.error().sys_errno() != ELOOP) return dir;
  return open(path, O_PATH | O_DIRECTORY);
}

Result<Fd> Root::ensure_file(const ContainerPath& path) const {
  Result<Fd> file = open(path, O_PATH);
  if (file || file.error().sys_errno() != ENOENT) return file;
  const Place place = TRY(ensure_parent(path));
  return open_plain_file(place);
}

}  // namespace brig
