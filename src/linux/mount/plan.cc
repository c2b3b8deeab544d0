#include "linux/mount/plan.h"

#include <sys/mount.h>

#include <algorithm>

#include "base/host_paths.h"
#include "base/match.h"
#include "linux/container_path.h"
#include "linux/mount/ids/plan.h"
#include "linux/mount/options.h"
#include "spec/annotations.h"
#include "spec/types.h"

namespace brig {

namespace {

constexpr std::uint64_t kAttrReadOnly = 0x1;

// The files that lxcfs and friends replace; anything else mounted below procfs could feed false
// data to whoever trusts it, brig included (CVE-2019-16884, CVE-2025-52881).
constexpr std::string_view kCoverableProcFiles[] = {
    "/cpuinfo",
    "/diskstats",
    "/loadavg",
    "/meminfo",
    "/slabinfo",
    "/stat",
    "/swaps",
    "/uptime",
    "/sys/kernel/ns_last_pid",  // allow host-path: these two are below procfs
    "/sys/crypto/fips_enabled"};

struct Options {
  MountAttributes attributes, recursive_attributes;
  std::uint64_t propagation = 0;
  bool recursive_propagation = false;
  bool bind = false, recursive = false, remount = false, tmp_copy_up = false;
  bool copy_symlink = false, source_nofollow = false, target_nofollow = false;
  std::optional<IdMapOption> id_map;
  std::vector<FsParameter> parameters;  // everything else
};

void set_attribute(MountAttributes& attributes, const MountOption& option) {
  attributes.set &= ~option.clear;
  attributes.set |= option.set;
  attributes.clear |= option.clear & ~option.set;
  attributes.clear &= ~option.set;
}

void add_known(Options& out, const MountOption& option) {
  using Kind = MountOptionKind;
  switch (option.kind) {
    case Kind::Attribute:
      return set_attribute(out.attributes, option);
    case Kind::RecursiveAttribute:
      return set_attribute(out.recursive_attributes, option);
    case Kind::FilesystemFlag:
      out.parameters.push_back({.key = std::string(option.name), .value = {}, .is_flag = true});
      return;
    case Kind::RecursiveFilesystemFlag:
      out.parameters.push_back(
          {.key = std::string(option.name.substr(1)), .value = {}, .is_flag = true});
      return;
    case Kind::Propagation:
    case Kind::RecursivePropagation:
      out.propagation = option.set;
      out.recursive_propagation = option.kind == Kind::RecursivePropagation;
      return;
    case Kind::Bind:
      out.bind = true;
      return;
    case Kind::RecursiveBind:
      out.bind = out.recursive = true;
      return;
    case Kind::Remount:
      out.remount = true;
      return;
    case Kind::TmpCopyUp:
      out.tmp_copy_up = true;
      return;
    case Kind::CopySymlink:
      out.copy_symlink = true;
      return;
    case Kind::SourceNoFollow:
      out.source_nofollow = true;
      return;
    case Kind::TargetNoFollow:
      out.target_nofollow = true;
      return;
    case Kind::IdMapped:
    case Kind::RecursiveIdMapped:
      out.id_map.emplace().recursive = option.kind == Kind::RecursiveIdMapped;
      return;
    case Kind::NoEffect:
      return;
  }
}

FsParameter split_parameter(const std::string& option) {
  const std::size_t equals = option.find('=');
  if (equals == std::string::npos) return {.key = option, .value = {}, .is_flag = true};
  return {.key = option.substr(0, equals), .value = option.substr(equals + 1), .is_flag = false};
}

// crun's idmap=uids=...;gids=..., with or without maps of its own.
bool add_id_map(Options& out, std::string_view option) {
  const std::string_view name = option.substr(0, option.find('='));
  if (name == option || (name != "idmap" && name != "ridmap")) return false;
  out.id_map = IdMapOption{.recursive = name == "ridmap", .maps = option.substr(name.size() + 1)};
  return true;
}

Options parse_options(const spec::Mount& mount) {
  Options out;
  out.bind = mount.type == "bind";
  if (!mount.options) return out;
  for (const std::string& option : *mount.options) {
    if (const MountOption* known = find_mount_option(option))
      add_known(out, *known);
    else if (!add_id_map(out, option))
      out.parameters.push_back(split_parameter(option));
  }
  return out;
}

bool has_parameter(const Options& options, std::string_view key) {
  return std::ranges::any_of(options.parameters,
                             [&](const FsParameter& p) { return p.key == key; });
}

class Planner {
 public:
  Planner(const spec::Spec& spec, const MountFacts& facts, const CgroupView& view)
      : spec_(spec), facts_(facts), view_(view) {}

  Result<MountPlan> plan() {
    plan_root();
    for (std::size_t i = 0; i < spec_.mounts.size(); ++i)
      TRY(plan_mount(spec_.mounts[i], cat("mounts[", i, "]")));
    if (spec_.linux_) plan_restrictions(*spec_.linux_);
    return std::move(plan_);
  }

 private:
  void plan_root() {
    RootPlan& root = plan_.root;
    root.path = facts_.rootfs;
    root.readonly = spec_.root && spec_.root->readonly;
    root.change = !facts_.new_mount ? RootChange::ChrootOnly
                  : facts_.no_pivot ? RootChange::ChrootOverRoot
                                    : RootChange::PivotRoot;
    if (spec_.linux_) {
      if (const MountOption* option = find_mount_option(spec_.linux_->rootfs_propagation)) {
        root.propagation = option->set;
        root.recursive_propagation = option->kind == MountOptionKind::RecursivePropagation;
      }
    }
    if (root.change == RootChange::ChrootOnly) return;
    root.tree = add_tree({.source = facts_.rootfs, .recursive = true, .json_path = "root.path"});
  }

  Result<> plan_mount(const spec::Mount& mount, const std::string& json_path) {
    const Options options = parse_options(mount);
    MountStep step{.target = {clean_path(mount.destination)},
                   .what = Remount{},
                   .propagation = options.propagation,
                   .recursive_propagation = options.recursive_propagation,
                   .follow_target = !options.target_nofollow || options.bind,
                   .covers_link = options.target_nofollow && options.bind,
                   .json_path = json_path};
    TRY(check_target(mount, step, options));
    if (options.remount)
      step.what = Remount{options.attributes};
    else if (options.bind)
      TRY(plan_bind(mount, options, step));
    else if (mount.type == "cgroup" || mount.type == "cgroup2")
      return plan_cgroup_view(options, std::move(step));
    else
      plan_filesystem(mount, options, step);
    plan_.steps.push_back(std::move(step));
    return {};
  }

  // Nothing may lie over or inside procfs but procfs itself and a few well-known files.
  Result<> check_target(const spec::Mount& mount, MountStep& step, const Options& options) {
    const std::string_view proc = host_paths::kProc;
    if (!is_within(step.target.text, proc)) return {};
    if (step.target.text == proc) {
      if (mount.type == "proc" || (options.bind && clean_path(mount.source) == proc)) return {};
      return fail(
          Errc::BadConfig,
          cat(step.json_path, ".destination: only procfs can be mounted on ", step.target.text));
    }
    const std::string_view below = std::string_view(step.target.text).substr(proc.size());
    if (std::ranges::find(kCoverableProcFiles, below) == std::end(kCoverableProcFiles))
      return fail(Errc::BadConfig, cat(step.json_path, ".destination: ", step.target.text,
                                       " is inside procfs and must not be covered"));
    step.may_cover_proc = true;
    return {};
  }

  Result<> plan_bind(const spec::Mount& mount, const Options& options, MountStep& step) {
    if (!options.parameters.empty()) {
      for (const FsParameter& parameter : options.parameters)
        if (!find_mount_option(parameter.key))  // "sync" and the like are the source's business
          return fail(Errc::BadConfig, cat(step.json_path, ".options: unknown option '",
                                           parameter.key, "' for a bind mount"));
    }
    if (mount.source.empty())
      return fail(Errc::BadConfig, cat(step.json_path, ".source: a bind mount needs a source"));
    HostTree tree{.source = mount.source.starts_with('/') ? mount.source
                                                          : cat(facts_.bundle, "/", mount.source),
                  .recursive = options.recursive,
                  .follow = !options.source_nofollow && !options.copy_symlink,
                  .attributes = options.attributes,
                  .recursive_attributes = options.recursive_attributes,
                  .json_path = step.json_path};
    if (spec_.linux_)
      tree.ids = TRY(plan_mount_ids(mount, *spec_.linux_, options.id_map, step.json_path));
    tree.shared_with_host = options.propagation == MS_SHARED && plan_.root.propagation == MS_SHARED;
    step.what = add_tree(std::move(tree));
    if (step.target.text == host_paths::kDev) plan_.dev_is_host = true;
    return {};
  }

  void plan_filesystem(const spec::Mount& mount, const Options& options, MountStep& step) {
    if (must_bind_instead(mount.type)) {
      HostTree tree{.source = mount.type == "proc" ? host_paths::kProc : host_paths::kSys,
                    .recursive = true,
                    .attributes = options.attributes,
                    .json_path = step.json_path};
      step.what = add_tree(std::move(tree));
      return;
    }
    NewFilesystem fs{.type = mount.type,
                     .parameters = options.parameters,
                     .attributes = options.attributes.set,
                     .tmp_copy_up = options.tmp_copy_up,
                     .inherit_mode = mount.type == "tmpfs" && !has_parameter(options, "mode")};
    if (!mount.source.empty())
      fs.parameters.insert(fs.parameters.begin(), {.key = "source", .value = mount.source});
    if (const std::string kind = kind_of_label();
        takes_label(mount.type) && !has_parameter(options, kind))
      fs.parameters.push_back({.key = kind, .value = spec_.linux_->mount_label});
    if ((fs.attributes & kAttrReadOnly) != 0 && has_device(mount.type))
      fs.parameters.push_back({.key = "ro", .value = {}, .is_flag = true});
    if (fs.tmp_copy_up || is_filled(mount.type, step.target)) make_read_only_last(fs);
    if (mount.type == "proc" || mount.type == "sysfs") step.follow_target = false;
    if (mount.type == "devpts" && step.target.text == cat(host_paths::kDev, "/pts"))
      plan_.devpts_step = static_cast<std::int32_t>(plan_.steps.size());
    step.what = std::move(fs);
  }

  // mount(8) says what each kind labels: all files, the file system, those without a label, its
  // root.
  [[nodiscard]] std::string kind_of_label() const {
    const std::string_view kind =
        spec::annotation_of(spec_.annotations, spec::annotation::kMountContextType);
    return std::string(kind.empty() ? "context" : kind);
  }

  // SELinux labels the inodes of procfs and sysfs by its policy and refuses a label for the whole
  // of them, and so it does for message queues.
  [[nodiscard]] bool takes_label(const std::string& type) const {
    const bool labelled = spec_.linux_ && !spec_.linux_->mount_label.empty();
    return labelled && type != "proc" && type != "sysfs" && type != "mqueue";
  }

  // sysfs shows a network namespace and procfs a pid namespace: the kernel lets a user namespace
  // mount them only for namespaces that it owns. A recursive bind is what is left; but not of
  // procfs for another pid namespace, where it would show the processes of the host.
  [[nodiscard]] bool must_bind_instead(const std::string& type) const {
    if (!facts_.user_namespace) return false;
    return (type == "sysfs" && !facts_.owns_network) || (type == "proc" && !facts_.own_pid);
  }

  // Filesystems without a device share one superblock or live in memory; only the mount, not the
  // filesystem, must be read-only there.
  static bool has_device(const std::string& type) {
    constexpr std::string_view kNoDevice[] = {
        "proc",    "sysfs",   "tmpfs",   "devpts", "mqueue",     "cgroup",   "bpf",
        "tracefs", "debugfs", "overlay", "ramfs",  "securityfs", "configfs", "devtmpfs"};
    return std::ranges::find(kNoDevice, type) == std::end(kNoDevice);
  }

  // What begins empty gets directories for later mounts, and /dev its devices (as runc).
  static bool is_filled(const std::string& type, const ContainerPath& target) {
    return type == "tmpfs" || target.text == host_paths::kDev;
  }

  static void make_read_only_last(NewFilesystem& fs) {
    fs.read_only_last = (fs.attributes & kAttrReadOnly) != 0;
    fs.attributes &= ~kAttrReadOnly;
  }

  Result<> plan_cgroup_view(const Options& options, MountStep step) {
    if (!view_.tmpfs) {
      step.what = cgroup_entry({.name = {},
                                .fstype = view_.single_fstype,
                                .options = {},
                                .bind_source = view_.single_bind},
                               options, step.json_path);
      plan_.steps.push_back(std::move(step));
      return {};
    }
    NewFilesystem tmpfs{
        .type = "tmpfs",
        .parameters = {{.key = "source", .value = "cgroup"}, {.key = "mode", .value = "755"}},
        .attributes = options.attributes.set};
    make_read_only_last(tmpfs);
    MountStep whole = step;
    whole.what = std::move(tmpfs);
    plan_.steps.push_back(std::move(whole));
    for (const CgroupView::Entry& entry : view_.entries) {
      MountStep below = step;
      below.target.text = cat(step.target.text, "/", entry.name);
      below.what = cgroup_entry(entry, options, step.json_path);
      plan_.steps.push_back(std::move(below));
    }
    for (const auto& [target, name] : view_.links) {
      MountStep link = step;
      link.target.text = cat(step.target.text, "/", name);
      link.what = CopiedLink{target};
      plan_.steps.push_back(std::move(link));
    }
    return {};
  }

  std::variant<NewFilesystem, TreeSlot, Remount, CopiedLink> cgroup_entry(
      const CgroupView::Entry& entry, const Options& options, const std::string& json_path) {
    if (entry.fstype.empty()) {
      HostTree tree{
          .source = entry.bind_source, .attributes = options.attributes, .json_path = json_path};
      return add_tree(std::move(tree));
    }
    NewFilesystem fs{.type = entry.fstype,
                     .parameters = {{.key = "source", .value = "cgroup"}},
                     .attributes = options.attributes.set};
    for (std::size_t at = 0; at < entry.options.size();) {
      const std::size_t comma = std::min(entry.options.find(',', at), entry.options.size());
      fs.parameters.push_back(split_parameter(entry.options.substr(at, comma - at)));
      at = comma + 1;
    }
    return fs;
  }

  void plan_restrictions(const spec::Linux& linux_section) {
    for (const std::string& path : linux_section.masked_paths)
      plan_.masked.push_back({clean_path(path)});
    for (const std::string& path : linux_section.readonly_paths)
      plan_.readonly.push_back({clean_path(path)});
    if (plan_.masked.empty()) return;
    plan_.null_device = add_tree(
        {.source = host_paths::kDevNull, .follow = false, .json_path = "linux.maskedPaths"});
  }

  TreeSlot add_tree(HostTree tree) {
    plan_.trees.push_back(std::move(tree));
    return {static_cast<std::uint32_t>(plan_.trees.size() - 1)};
  }

  const spec::Spec& spec_;
  const MountFacts& facts_;
  const CgroupView& view_;
  MountPlan plan_;
};

}  // namespace

Result<MountPlan> plan_mounts(const spec::Spec& spec, const MountFacts& facts,
                              const CgroupView& view) {
  return Planner(spec, facts, view).plan();
}

Result<> leave_trees_to_init(MountPlan& plan) {
  plan.cloned_by_init = true;
  for (const HostTree& tree : plan.trees)
    if (tree.ids)
      return fail(Errc::Denied, cat(tree.json_path,
                                    ".options: to map the ids of a mount takes CAP_SYS_ADMIN "
                                    "where its file system was mounted"));
  return {};
}

void add_host_device(MountPlan& plan, const std::string& source, const ContainerPath& target,
                     const std::string& json_path) {
  plan.trees.push_back({.source = source, .json_path = json_path});
  plan.steps.push_back({.target = target,
                        .what = TreeSlot{static_cast<std::uint32_t>(plan.trees.size() - 1)},
                        .json_path = json_path});
}

std::string describe(const MountStep& step) {
  const std::string what =
      std::visit(match{[](const NewFilesystem& fs) { return cat("mount ", fs.type); },
                       [](const TreeSlot&) { return std::string("bind mount"); },
                       [](const Remount&) { return std::string("remount"); },
                       [](const CopiedLink& link) { return cat("link ", link.target); }},
                 step.what);
  return cat(step.json_path, ": ", what, " on ", step.target.text);
}

}  // namespace brig
