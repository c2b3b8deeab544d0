#include "linux/device/apply.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "sys/file.h"

namespace brig {

namespace {

// Something of the image already has the name: it must be that very device, and not a link,
// which could make a later open reach anything (CVE-2025-31133).
Result<> check_existing(const struct stat& info, const DeviceNode& node) {
  const bool same_kind = (info.st_mode & S_IFMT) == (node.mode & S_IFMT);
  const bool same_device = S_ISFIFO(node.mode) || info.st_rdev == makedev(node.major, node.minor);
  if (same_kind && same_device) return {};
  return fail(Errc::Denied,
              cat(node.path.text, " exists and is not the device ", node.major, ":", node.minor));
}

Result<> make_node(const DeviceNode& node, const Root& root) {
  const Place place = TRY(root.ensure_parent(node.path));
  const Result<> made =
      sys::mknod_at(place.parent(), place.name, node.mode, makedev(node.major, node.minor));
  if (!made) {
    if (made.error().sys_errno() == EEXIST) {
      const struct stat info = TRY(sys::stat_at(place.parent(), place.name));
      return check_existing(info, node);
    }
    return std::unexpected(Error::system(made.error().sys_errno(), cat("mknod ", place.name)));
  }
  if (node.uid == 0 && node.gid == 0) return {};
  const Fd made_node = TRY(sys::open_beneath(place.parent(), place.name, O_PATH | O_NOFOLLOW));
  const struct stat info = TRY(sys::fstat(made_node));
  TRY(check_existing(info, node));  // a sibling that shares the directory may have been quicker
  return sys::fchown(made_node, node.uid, node.gid);
}

Result<> make_link(const DeviceLink& link, const Root& root) {
  const Place place = TRY(root.ensure_parent(link.path));
  Result<> made = sys::symlink_at(link.target, place.parent(), place.name);
  if (made || made.error().sys_errno() != EEXIST) return made;
  if (!link.replace) return {};  // the image's own
  TRY(sys::unlink_at(place.parent(), place.name));
  return sys::symlink_at(link.target, place.parent(), place.name);
}

}  // namespace

Result<> apply_devices(const DevicePlan& plan, const Root& root) {
  for (const DeviceNode& node : plan.nodes) {
    if (node.bound_from_host) continue;
    TRY_DOING(make_node(node, root), node.json_path, ": make device ", node.path.text);
  }
  for (const DeviceLink& link : plan.links)
    TRY_DOING(make_link(link, root), "link ", link.path.text, " to ", link.target);
  return {};
}

}  // namespace brig
