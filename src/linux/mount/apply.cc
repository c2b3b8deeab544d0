#include "linux/mount/apply.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/match.h"
#include "linux/mount/copy_up.h"
#include "sys/file.h"
#include "sys/mount.h"

namespace brig {

namespace {

constexpr std::uint64_t kAttrReadOnly = 0x1;
constexpr std::uint32_t kProcMagic = 0x9fa0;  // PROC_SUPER_MAGIC

using sys::Recursive;

Recursive recursion(bool yes) {
  return yes ? Recursive::Yes : Recursive::No;
}

// The kernel's EINVAL has reasons that none of its other calls has.
Result<> map_ids(FdRef clone, const MountIds& ids, FdRef user_namespace) {
  Result<> mapped = sys::set_mount_ids(clone, user_namespace, recursion(ids.recursive));
  if (!mapped && mapped.error().sys_errno() == EINVAL)
    mapped.error().add_context(
        ids.recursive ? "the file system, or one mounted below it, cannot map ids, or does already"
                      : "the file system cannot map ids, or does already");
  return mapped;
}

Result<Fd> clone_host_tree(const HostTree& tree, FdRef id_namespace) {
  const Recursive recursive = recursion(tree.recursive);
  Fd clone = TRY(tree.follow ? sys::clone_tree(FdRef::cwd(), tree.source, recursive)
                             : sys::clone_tree_nofollow(FdRef::cwd(), tree.source, recursive));
  if (tree.ids) TRY(map_ids(clone, *tree.ids, id_namespace));
  // A clone is in the peer group of what it was cloned from: what the container mounts on it, or
  // below, would appear on the host.
  MountAttributes everywhere = tree.recursive_attributes;
  if (!tree.shared_with_host) everywhere.propagation = MS_SLAVE;
  if (!everywhere.empty()) TRY(sys::set_mount_attributes(clone, everywhere, Recursive::Yes));
  if (!tree.attributes.empty())
    TRY(sys::set_mount_attributes(clone, tree.attributes, Recursive::No));
  return clone;
}

Result<bool> is_directory(FdRef object) {
  const struct stat info = TRY(sys::fstat(object));
  return S_ISDIR(info.st_mode);
}

bool is_missing(const Error& error) {
  return error.sys_errno() == ENOENT || error.sys_errno() == ENOTDIR;
}

class Attacher {
 public:
  Attacher(Root& root, const DetachedMounts& mounts) : root_(root), mounts_(mounts) {}

  Result<> attach(const MountStep& step, FdRef filesystem) {
    return std::visit(match{[&](const NewFilesystem& fs) { return put(step, fs, filesystem); },
                            [&](const TreeSlot& slot) { return put_tree(step, slot); },
                            [&](const Remount& remount) { return change(step, remount); },
                            [&](const CopiedLink& link) { return make_link(step, link); }},
                      step.what);
  }

 private:
  Result<> put(const MountStep& step, const NewFilesystem& fs, FdRef mount) {
    const bool covers = (fs.tmp_copy_up || fs.inherit_mode) && is_there(step.target);
    const Fd target = TRY(open_target(step, true));
    if (covers) TRY(inherit_mode(mount, target));
    if (fs.tmp_copy_up) TRY(copy_up(target, mount));
    return place(step, mount, target);
  }

  Result<> put_tree(const MountStep& step, const TreeSlot& slot) {
    const FdRef tree = mounts_.trees[slot.index];
    const bool directory = TRY(is_directory(tree));
    const Fd target = TRY(open_target(step, directory));
    Result<> placed = place(step, tree, target);
    if (placed || directory) return placed;
    // move_mount(2) calls it EINVAL, like much else; engines know mount(2)'s name for it.
    const bool on_directory = TRY(is_directory(target));
    if (!on_directory) return placed;
    return std::unexpected(Error::system(ENOTDIR, "put a file on a directory"));
  }

  Result<> change(const MountStep& step, const Remount& remount) {
    if (const FdRef ours = root_.known(step.target))
      return sys::set_mount_attributes(ours, remount.attributes, Recursive::No);
    const Fd mount = TRY(root_.open(step.target, O_PATH));
    return sys::set_mount_attributes(mount, remount.attributes, Recursive::No);
  }

  Result<> make_link(const MountStep& step, const CopiedLink& link) {
    const Place place = TRY(root_.ensure_parent(step.target));
    return sys::symlink_at(link.target, place.parent(), place.name);
  }

  Result<Fd> open_target(const MountStep& step, bool directory) {
    Fd target;
    if (step.covers_link) target = TRY(root_.open_link(step.target));
    if (!target)
      target = TRY(directory ? root_.ensure_dir(step.target) : root_.ensure_file(step.target));
    if (!step.follow_target) target = TRY(root_.open_no_links(step.target, O_PATH));
    if (step.may_cover_proc || covers_whole_procfs(step)) return target;
    // However the image's links lead there: inside procfs only the well-known files are covered.
    const std::uint32_t magic = TRY(sys::fs_magic(target));
    if (magic == kProcMagic) return fail(Errc::Denied, cat(step.target.text, " leads into procfs"));
    return target;
  }

  // A directory made for a tmpfs has no mode worth taking over: the tmpfs keeps its own, 1777.
  bool is_there(const ContainerPath& path) const {
    const Result<Fd> found = root_.open(path, O_PATH);
    return found || !is_missing(found.error());  // any other error is open_target's to report
  }

  static bool covers_whole_procfs(const MountStep& step) {
    const auto* fs = std::get_if<NewFilesystem>(&step.what);
    return fs != nullptr && fs->type == "proc";
  }

  static Result<> inherit_mode(FdRef mount, FdRef target) {
    const struct stat info = TRY(sys::fstat(target));
    const Fd dir = TRY(sys::open_at(mount, ".", O_RDONLY | O_DIRECTORY));
    TRY(sys::fchown(dir, info.st_uid, info.st_gid));
    return sys::fchmod(dir, info.st_mode & 07777);
  }

  Result<> place(const MountStep& step, FdRef mount, FdRef target) {
    TRY(sys::attach_mount(mount, target));
    root_.note_mount(step.target, mount);
    if (step.propagation == 0) return {};
    return sys::set_mount_attributes(mount, {.propagation = step.propagation},
                                     recursion(step.recursive_propagation));
  }

  Root& root_;
  const DetachedMounts& mounts_;
};

Result<bool> are_same_file(FdRef one, FdRef other) {
  const struct stat first = TRY(sys::fstat(one));
  const struct stat second = TRY(sys::fstat(other));
  return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

// What a path is to be restricted for: the file of the mount that is meant (procfs), and, if a
// sibling has renamed that away, also what has its name now. Empty if there is nothing.
Result<std::vector<Fd>> open_restricted(const Root& root, const ContainerPath& path) {
  std::vector<Fd> targets;
  Fd meant = TRY(root.open_below_mount(path, O_PATH));
  Result<Fd> named = root.open(path, O_PATH);
  if (!named && !is_missing(named.error()))
    return std::unexpected(Error::system(named.error().sys_errno(), cat("open ", path.text)));
  bool is_another = named.has_value();
  if (named && meant) {
    const bool same = TRY(are_same_file(meant, *named));
    is_another = !same;
  }
  if (meant) targets.push_back(std::move(meant));
  if (is_another) targets.push_back(std::move(*named));
  return targets;
}

// Covers masked paths: files with the host's null device, directories with one empty read-only
// tmpfs. The first use attaches the mount itself and later ones its clones, because before
// Linux 6.15 only an attached mount can be cloned.
class Masker {
 public:
  Masker(const Root& root, FdRef null_device) : root_(root), null_(null_device) {}

  Result<> mask(const ContainerPath& path) {
    const std::vector<Fd> targets = TRY(open_restricted(root_, path));
    for (const Fd& target : targets) TRY(mask(target));
    return {};
  }

 private:
  Result<> mask(FdRef target) {
    const bool directory = TRY(is_directory(target));
    return directory ? cover_directory(target) : cover(target, null_, null_used_);
  }

  Result<> cover_directory(FdRef target) {
    if (!empty_)
      empty_ = TRY(sys::new_filesystem("tmpfs",
                                       {{.key = "source", .value = "masked"},
                                        {.key = "nr_blocks", .value = "1"},
                                        {.key = "nr_inodes", .value = "1"}},
                                       kAttrReadOnly));
    return cover(target, empty_, empty_used_);
  }

  static Result<> cover(FdRef target, FdRef mount, bool& used) {
    if (!std::exchange(used, true)) return sys::attach_mount(mount, target);
    const Fd clone = TRY(sys::clone_tree(mount, Recursive::No));
    return sys::attach_mount(clone, target);
  }

  const Root& root_;
  FdRef null_;
  Fd empty_;
  bool null_used_ = false, empty_used_ = false;
};

Result<> make_read_only(const Root& root, const ContainerPath& path) {
  const std::vector<Fd> targets = TRY(open_restricted(root, path));
  for (const Fd& target : targets) {
    const Fd tree = TRY(sys::clone_tree(target, Recursive::Yes));
    TRY(sys::set_mount_attributes(tree, {.set = kAttrReadOnly}, Recursive::Yes));
    TRY(sys::attach_mount(tree, target));
  }
  return {};
}

}  // namespace

Result<std::vector<Fd>> open_host_trees(const MountPlan& plan,
                                        const std::vector<FdRef>& id_namespaces) {
  std::vector<Fd> trees;
  trees.reserve(plan.trees.size());
  for (std::size_t i = 0; i < plan.trees.size(); ++i) {
    const HostTree& tree = plan.trees[i];
    const FdRef ids = tree.ids ? id_namespaces[i] : FdRef::none();
    Fd clone = TRY_DOING(clone_host_tree(tree, ids), tree.json_path, ": bind ", tree.source);
    trees.push_back(std::move(clone));
  }
  return trees;
}

Result<std::vector<Fd>> make_filesystems(const MountPlan& plan, std::vector<Fd> made) {
  made.resize(plan.steps.size());
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const MountStep& step = plan.steps[i];
    const auto* fs = std::get_if<NewFilesystem>(&step.what);
    if (fs == nullptr || made[i]) continue;
    Fd mount =
        TRY_DOING(sys::new_filesystem(fs->type, fs->parameters, fs->attributes), describe(step));
    made[i] = std::move(mount);
  }
  return made;
}

Result<> attach_mounts(const MountPlan& plan, Root& root, const DetachedMounts& mounts) {
  Attacher attacher(root, mounts);
  for (std::size_t i = 0; i < plan.steps.size(); ++i)
    TRY_DOING(attacher.attach(plan.steps[i], mounts.filesystems[i]), describe(plan.steps[i]));
  return {};
}

Result<> finish_filesystems(const MountPlan& plan, const DetachedMounts& mounts) {
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const auto* fs = std::get_if<NewFilesystem>(&plan.steps[i].what);
    if (fs == nullptr || !fs->read_only_last) continue;
    TRY_DOING(
        sys::set_mount_attributes(mounts.filesystems[i], {.set = kAttrReadOnly}, Recursive::No),
        describe(plan.steps[i]));
  }
  return {};
}

Result<> restrict_paths(const MountPlan& plan, const Root& root, const DetachedMounts& mounts) {
  for (const ContainerPath& path : plan.readonly)
    TRY_DOING(make_read_only(root, path), "linux.readonlyPaths: ", path.text);
  if (plan.masked.empty()) return {};
  // Read-only, a device can still be written to; what cannot be changed are the mode, the owner and
  // the times of its inode, which is the host's and belongs to the container's root as well.
  const FdRef null_device = mounts.trees[plan.null_device.index];
  TRY_DOING(sys::set_mount_attributes(null_device, {.set = kAttrReadOnly}, Recursive::No),
            "linux.maskedPaths");
  Masker masker(root, null_device);
  for (const ContainerPath& path : plan.masked)
    TRY_DOING(masker.mask(path), "linux.maskedPaths: ", path.text);
  return {};
}

Result<> finish_root(const RootPlan& plan, FdRef root_mount) {
  if (plan.propagation != 0)
    TRY_DOING(sys::set_mount_attributes(root_mount, {.propagation = plan.propagation},
                                        recursion(plan.recursive_propagation)),
              "linux.rootfsPropagation");
  if (plan.readonly)
    TRY_DOING(sys::set_mount_attributes(root_mount, {.set = kAttrReadOnly}, Recursive::No),
              "root.readonly");
  return {};
}

}  // namespace brig
