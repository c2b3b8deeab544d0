// The mounts of a container, decided in full before anything is mounted.
//
// Every mount is first made detached (nobody can see it, its attributes are already in place) and
// then attached in the configuration's order. Trees of the host are cloned by the parent, before
// the new process is there (a parent without privilege leaves it to that process, which has it in
// its own user and mount namespaces); new filesystems are made by the new process, whose namespaces
// they are to show.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/mount_types.h"
#include "linux/types.h"

namespace brig {

namespace spec {
struct Spec;
}

// The files of a mount belong to others than the disk says (mount_setattr(2), MOUNT_ATTR_IDMAP,
// since Linux 5.12): an id of the disk is a container_id here, and shows as the host_id.
struct MountIds {
  std::vector<IdRange> uids, gids;
  bool of_joined_namespace = false;  // the maps of the user namespace that is joined
  bool recursive = false;
  bool operator==(const MountIds&) const = default;
};

// A tree of the host that the parent clones.
struct HostTree {
  std::string source;  // absolute host path
  bool recursive = false;
  bool follow = true;  // of a final symbolic link
  // Mounts made in the container show on the host and the other way round. Otherwise only what
  // the host mounts later may arrive in the container (rslave, runc's default).
  bool shared_with_host = false;
  MountAttributes attributes, recursive_attributes;
  std::optional<MountIds> ids;
  std::string json_path;  // for errors
  bool operator==(const HostTree&) const = default;
};

struct NewFilesystem {
  std::string type;
  std::vector<FsParameter> parameters;
  std::uint64_t attributes = 0;  // MOUNT_ATTR_*
  bool read_only_last = false;   // when what belongs into it is there: mounts, devices, the cwd
  bool tmp_copy_up = false;      // tmpfs: begins as a copy of what it covers
  bool inherit_mode = false;     // tmpfs without mode=: the mode of what it covers (as runc)
  bool operator==(const NewFilesystem&) const = default;
};

// What was mounted before at the same place gets other attributes.
struct Remount {
  MountAttributes attributes;
  bool operator==(const Remount&) const = default;
};

// The image's link is copied instead of mounting what it points to (crun's copy-symlink).
struct CopiedLink {
  std::string target;
  bool operator==(const CopiedLink&) const = default;
};

struct MountStep {
  ContainerPath target;
  std::variant<NewFilesystem, TreeSlot, Remount, CopiedLink> what;
  std::uint64_t propagation = 0;  // MS_* after attaching
  bool recursive_propagation = false;
  bool follow_target = true;    // procfs and sysfs must be where they say (CVE-2019-19921)
  bool covers_link = false;     // a link at the end of the target is not followed, but covered
  bool may_cover_proc = false;  // a target below procfs: only the well-known files
  std::string json_path;
  bool operator==(const MountStep&) const = default;
};

struct MaskedPath {
  ContainerPath path;
  bool operator==(const MaskedPath&) const = default;
};
struct ReadonlyPath {
  ContainerPath path;
  bool operator==(const ReadonlyPath&) const = default;
};

enum class RootChange : std::uint8_t {
  PivotRoot,
  ChrootOverRoot,  // --no-pivot: the tree covers "/" and chroot enters it, as MS_MOVE would
  ChrootOnly,      // no mount namespace of our own: nothing is mounted
};

struct RootPlan {
  RootChange change = RootChange::PivotRoot;
  std::string path;  // of the rootfs on the host, absolute
  TreeSlot tree;     // its clone; unused with ChrootOnly
  bool readonly = false;
  std::uint64_t propagation = 0;  // rootfsPropagation, MS_*; 0: as the host (rslave)
  bool recursive_propagation = false;
  bool operator==(const RootPlan&) const = default;
};

struct MountPlan {
  std::vector<HostTree> trees;  // TreeSlot is an index into it
  bool cloned_by_init = false;  // the trees, for want of privilege; else by the parent
  RootPlan root;
  std::vector<MountStep> steps;
  std::vector<ContainerPath> masked, readonly;
  TreeSlot null_device;           // covers masked files
  std::int32_t devpts_step = -1;  // index of the step that is /dev/pts
  bool dev_is_host = false;       // /dev is a bind mount: it keeps its own nodes
  bool operator==(const MountPlan&) const = default;
};

struct MountFacts {
  bool user_namespace = false;  // the container is in another one than the host's
  bool owns_network = false;    // ... to which the network namespace belongs
  bool own_pid = false;         // a pid namespace that is not the caller's, new or joined
  bool new_mount = true;
  bool no_pivot = false;
  std::string bundle;  // absolute; relative sources are below it
  std::string rootfs;  // absolute
};

Result<MountPlan> plan_mounts(const spec::Spec& spec, const MountFacts& facts,
                              const CgroupView& view);

// For want of privilege the parent clones none of the trees.
Result<> leave_trees_to_init(MountPlan& plan);

// A device of the host bound into the container, for user namespaces, where mknod is refused.
void add_host_device(MountPlan& plan, const std::string& source, const ContainerPath& target,
                     const std::string& json_path);

std::string describe(const MountStep& step);

}  // namespace brig
