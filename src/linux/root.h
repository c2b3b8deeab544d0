// The container's root directory: the only thing that turns container paths into descriptors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "linux/container_path.h"
#include "linux/types.h"
#include "sys/fd.h"

namespace brig {

// Where a name is, or is to be: made and removed with the *at calls, never through the whole path.
struct Place {
  Fd opened;  // of the parent, if it had to be opened
  FdRef known = FdRef::none();
  std::string name;
  [[nodiscard]] FdRef parent() const { return opened ? FdRef(opened) : known; }
};

// An O_PATH descriptor of the file of this name, made empty if it is missing; a link is an error.
Result<Fd> open_plain_file(const Place& place);

class Root {
 public:
  explicit Root(FdRef dir) : dir_(dir) {}  // borrowed; O_PATH is enough

  // `mount` was attached at `path`: names directly below it are looked up there, without walking
  // the path again. The descriptor is borrowed.
  void note_mount(const ContainerPath& path, FdRef mount);
  // What was attached at this very path; none: nothing was.
  [[nodiscard]] FdRef known(const ContainerPath& path) const {
    return known(clean_path(path.text));
  }

  // Links are followed inside the root only; magic links never (openat2 RESOLVE_IN_ROOT).
  [[nodiscard]] Result<Fd> open(const ContainerPath& path, int flags) const;
  // Where the path leads below the mount that was noted for its beginning, whatever has become of
  // the names above it: a sibling that shares the image may rename what a mount lies on. None if
  // there is no such mount, or nothing there, or a link below the mount leads on.
  [[nodiscard]] Result<Fd> open_below_mount(const ContainerPath& path, int flags) const;
  // The path itself must not contain a link.
  [[nodiscard]] Result<Fd> open_no_links(const ContainerPath& path, int flags) const;

  // The link that the path ends in, itself; none if it ends in something else, or nothing.
  [[nodiscard]] Result<Fd> open_link(const ContainerPath& path) const;

  // An O_PATH descriptor of the directory, which is made if it is missing (mode 0755), as are
  // the directories above it.
  [[nodiscard]] Result<Fd> ensure_dir(const ContainerPath& path) const;
  // The same for a regular file, empty if it had to be made.
  [[nodiscard]] Result<Fd> ensure_file(const ContainerPath& path) const;
  // The directory that holds `path`, made if it is missing.
  [[nodiscard]] Result<Place> ensure_parent(const ContainerPath& path) const;

  [[nodiscard]] FdRef dir() const { return dir_; }

 private:
  struct Mounted {
    std::string path;
    FdRef mount;
  };
  [[nodiscard]] FdRef known(std::string_view path) const;
  [[nodiscard]] const Mounted* deepest_above(std::string_view path) const;

  FdRef dir_;
  std::vector<Mounted> mounted_;
};

}  // namespace brig
