#include "linux/mount/plan.h"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include "spec/types.h"

namespace brig {
namespace {

constexpr std::uint64_t kRo = 0x1, kNoSuid = 0x2, kNoDev = 0x4, kNoExec = 0x8;

MountFacts facts() {
  return {.bundle = "/bundle", .rootfs = "/bundle/rootfs"};
}

spec::Spec spec_with(std::vector<spec::Mount> mounts) {
  return {
      .root = spec::Root{.path = "rootfs"}, .mounts = std::move(mounts), .linux_ = spec::Linux{}};
}

Result<MountPlan> plan_of(const spec::Mount& mount, const MountFacts& host = facts()) {
  return plan_mounts(spec_with({mount}), host, {});
}

MountPlan planned(const spec::Spec& spec, const MountFacts& host = facts(),
                  const CgroupView& view = {}) {
  Result<MountPlan> plan = plan_mounts(spec, host, view);
  EXPECT_TRUE(plan) << plan.error().message();
  return plan ? *std::move(plan) : MountPlan();
}

MountPlan planned(const spec::Mount& mount, const MountFacts& host = facts()) {
  return planned(spec_with({mount}), host);
}

spec::Mount bind(spec::Strings options, const std::string& source = "/srv/data") {
  return {.destination = "/data", .type = "bind", .source = source, .options = std::move(options)};
}

// The first tree is the rootfs.
HostTree tree_of(const MountPlan& plan) {
  EXPECT_EQ(plan.trees.size(), 2U);
  return plan.trees.size() < 2 ? HostTree() : plan.trees[1];
}

NewFilesystem filesystem_of(const MountPlan& plan, std::size_t step = 0) {
  const auto* fs =
      step < plan.steps.size() ? std::get_if<NewFilesystem>(&plan.steps[step].what) : nullptr;
  EXPECT_NE(fs, nullptr);
  return fs == nullptr ? NewFilesystem() : *fs;
}

FsParameter flag(std::string key) {
  return {.key = std::move(key), .value = {}, .is_flag = true};
}

std::string error_of(const Result<MountPlan>& plan) {
  return plan ? "no error" : plan.error().message();
}

// ---- the root --------------------------------------------------------------------------------

TEST(PlanRoot, TheRootfsIsTheFirstTree) {
  const MountPlan plan = planned(spec_with({}));
  EXPECT_EQ(plan.root.change, RootChange::PivotRoot);
  EXPECT_EQ(plan.root.path, "/bundle/rootfs");
  ASSERT_EQ(plan.trees.size(), 1U);
  EXPECT_EQ(plan.trees[0],
            (HostTree{.source = "/bundle/rootfs", .recursive = true, .json_path = "root.path"}));
  EXPECT_TRUE(plan.steps.empty());
}

TEST(PlanRoot, NoPivotAndNoMountNamespaceChangeItOtherwise) {
  MountFacts host = facts();
  host.no_pivot = true;
  EXPECT_EQ(planned(spec_with({}), host).root.change, RootChange::ChrootOverRoot);
  host.new_mount = false;
  const MountPlan plan = planned(spec_with({}), host);
  EXPECT_EQ(plan.root.change, RootChange::ChrootOnly);
  EXPECT_TRUE(plan.trees.empty());
}

TEST(PlanRoot, ReadonlyAndPropagationAreTakenFromTheConfiguration) {
  spec::Spec spec = spec_with({});
  spec.root->readonly = true;
  spec.linux_->rootfs_propagation = "rshared";
  const RootPlan recursive = planned(spec).root;
  EXPECT_TRUE(recursive.readonly);
  EXPECT_EQ(recursive.propagation, std::uint64_t{MS_SHARED});
  EXPECT_TRUE(recursive.recursive_propagation);
  spec.linux_->rootfs_propagation = "private";
  EXPECT_EQ(planned(spec).root.propagation, std::uint64_t{MS_PRIVATE});
  EXPECT_FALSE(planned(spec).root.recursive_propagation);
  spec.linux_->rootfs_propagation = "";
  EXPECT_EQ(planned(spec).root.propagation, 0U);
}

// ---- binds -----------------------------------------------------------------------------------

TEST(PlanBind, ClonesTheSourceAndAttachesTheClone) {
  const MountPlan plan = planned(bind({}));
  EXPECT_EQ(tree_of(plan), (HostTree{.source = "/srv/data", .json_path = "mounts[0]"}));
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(plan.steps[0],
            (MountStep{.target = {"/data"}, .what = TreeSlot{1}, .json_path = "mounts[0]"}));
}

TEST(PlanBind, IsAskedForByTypeOrByOption) {
  for (const char* option : {"bind", "rbind"}) {
    spec::Mount mount = bind({option});
    mount.type = "none";
    EXPECT_EQ(tree_of(planned(mount)).recursive, std::string_view(option) == "rbind");
  }
  EXPECT_TRUE(tree_of(planned(bind({"rbind"}))).recursive);
}

TEST(PlanBind, RelativeSourcesAreBelowTheBundle) {
  EXPECT_EQ(tree_of(planned(bind({}, "files/hosts"))).source, "/bundle/files/hosts");
}

TEST(PlanBind, AttributesAreForTheMountAndRecursiveOnesForAllBelow) {
  const HostTree tree = tree_of(planned(bind({"rbind", "ro", "nosuid", "rnodev", "rnoatime"})));
  EXPECT_EQ(tree.attributes, (MountAttributes{.set = kRo | kNoSuid}));
  EXPECT_EQ(tree.recursive_attributes, (MountAttributes{.set = kNoDev | 0x10, .clear = 0x60}));
}

TEST(PlanBind, TheLastOfContradictingOptionsWins) {
  EXPECT_EQ(tree_of(planned(bind({"ro", "rw"}))).attributes, (MountAttributes{.clear = kRo}));
  EXPECT_EQ(tree_of(planned(bind({"rw", "ro"}))).attributes, (MountAttributes{.set = kRo}));
  EXPECT_EQ(tree_of(planned(bind({"noatime", "strictatime"}))).attributes,
            (MountAttributes{.set = 0x20, .clear = 0x50}));
  const MountStep step = planned(bind({"shared", "rprivate"})).steps[0];
  EXPECT_EQ(step.propagation, std::uint64_t{MS_PRIVATE});
  EXPECT_TRUE(step.recursive_propagation);
}

TEST(PlanBind, PropagationIsSetAfterAttaching) {
  const MountPlan plan = planned(bind({"rbind", "rslave"}));
  EXPECT_EQ(plan.steps[0].propagation, std::uint64_t{MS_SLAVE});
  EXPECT_TRUE(plan.steps[0].recursive_propagation);
  EXPECT_TRUE(tree_of(plan).recursive_attributes.empty());
}

TEST(PlanBind, OnlyASharedBindInASharedRootStaysAPeerOfTheHosts) {
  spec::Spec spec = spec_with({bind({"rbind", "rshared"})});
  EXPECT_FALSE(planned(spec).trees[1].shared_with_host);
  spec.linux_->rootfs_propagation = "rshared";
  EXPECT_TRUE(planned(spec).trees[1].shared_with_host);
  EXPECT_FALSE(planned(spec).trees[0].shared_with_host);
  spec.mounts[0].options = spec::Strings{"rbind", "rslave"};
  EXPECT_FALSE(planned(spec).trees[1].shared_with_host);
}

TEST(PlanBind, UnknownOptionsAreRefusedAndFilesystemFlagsAreTheSources) {
  EXPECT_EQ(error_of(plan_of(bind({"ro", "rx"}))),
            "mounts[0].options: unknown option 'rx' for a bind mount");
  EXPECT_EQ(error_of(plan_of(bind({"mode=755"}))),
            "mounts[0].options: unknown option 'mode' for a bind mount");
  EXPECT_EQ(error_of(plan_of(bind({"sync", "rasync", "defaults", "silent"}))), "no error");
}

TEST(PlanBind, NeedsASource) {
  EXPECT_EQ(error_of(plan_of(bind({}, ""))), "mounts[0].source: a bind mount needs a source");
}

TEST(PlanBind, LinksAtEitherEndCanBeTakenAsTheyAre) {
  EXPECT_FALSE(tree_of(planned(bind({"src-nofollow"}))).follow);
  EXPECT_FALSE(tree_of(planned(bind({"copy-symlink"}))).follow);
  EXPECT_TRUE(planned(bind({"src-nofollow"})).steps[0].follow_target);
  EXPECT_FALSE(planned(bind({"src-nofollow"})).steps[0].covers_link);
  EXPECT_TRUE(planned(bind({"dest-nofollow"})).steps[0].covers_link);
  spec::Mount tmpfs = bind({"dest-nofollow"});
  tmpfs.type = "tmpfs";
  EXPECT_FALSE(planned(tmpfs).steps[0].follow_target);  // no link at all
}

TEST(PlanBind, ADevOfTheHostIsNoticed) {
  spec::Mount mount = bind({"rbind"}, "/dev");
  EXPECT_FALSE(planned(mount).dev_is_host);
  mount.destination = "/dev/";
  EXPECT_TRUE(planned(mount).dev_is_host);
  mount.type = "tmpfs";
  mount.options = {};
  EXPECT_FALSE(planned(mount).dev_is_host);
}

TEST(PlanMounts, RemountChangesAttributesOfWhatIsThere) {
  const spec::Mount mount{.destination = "/data",
                          .options = spec::Strings{"remount", "bind", "ro", "noexec"}};
  const MountPlan plan = planned(mount);
  EXPECT_EQ(plan.steps[0].what, (std::variant<NewFilesystem, TreeSlot, Remount, CopiedLink>(
                                    Remount{{.set = kRo | kNoExec}})));
  EXPECT_EQ(plan.trees.size(), 1U);
}

TEST(PlanMounts, DestinationsAreCleanedAndErrorsSayWhichMountItWas) {
  const MountPlan plan = planned(spec_with(
      {{.destination = "a/../../b//c", .type = "tmpfs"}, {.destination = "/", .type = "tmpfs"}}));
  EXPECT_EQ(plan.steps[0].target.text, "/b/c");
  EXPECT_EQ(plan.steps[1].target.text, "/");
  EXPECT_EQ(describe(plan.steps[1]), "mounts[1]: mount tmpfs on /");
}

// ---- new filesystems -------------------------------------------------------------------------

TEST(PlanFilesystem, AttributesAndParametersAreToldApart) {
  const NewFilesystem fs = filesystem_of(planned(spec::Mount{
      .destination = "/dev",
      .type = "tmpfs",
      .source = "tmpfs",
      .options = spec::Strings{"nosuid", "strictatime", "mode=755", "size=65536k", "huge"}}));
  EXPECT_EQ(fs.type, "tmpfs");
  EXPECT_EQ(fs.attributes, kNoSuid | 0x20);
  EXPECT_EQ(fs.parameters,
            (std::vector<FsParameter>{
                {"source", "tmpfs"}, {"mode", "755"}, {"size", "65536k"}, flag("huge")}));
}

TEST(PlanFilesystem, FlagsOfTheFilesystemKeepTheirNames) {
  const NewFilesystem fs = filesystem_of(planned(spec::Mount{
      .destination = "/d", .type = "ext4", .options = spec::Strings{"sync", "rdirsync", "a=b=c"}}));
  EXPECT_EQ(fs.parameters, (std::vector<FsParameter>{flag("sync"), flag("dirsync"), {"a", "b=c"}}));
}

TEST(PlanFilesystem, ATmpfsWithoutModeTakesThatOfItsPlace) {
  spec::Mount mount{.destination = "/tmp", .type = "tmpfs"};
  EXPECT_TRUE(filesystem_of(planned(mount)).inherit_mode);
  mount.options = spec::Strings{"mode=1777"};
  EXPECT_FALSE(filesystem_of(planned(mount)).inherit_mode);
  mount.options = spec::Strings{"tmpcopyup"};
  EXPECT_TRUE(filesystem_of(planned(mount)).tmp_copy_up);
  mount.type = "ramfs";
  EXPECT_FALSE(filesystem_of(planned(mount)).inherit_mode);
}

// A filesystem on a device is itself made read-only, or its journal would be replayed.
TEST(PlanFilesystem, ReadOnlyIsAlsoTheFilesystemsWhereItHasADevice) {
  spec::Mount mount{.destination = "/d", .type = "ext4", .options = spec::Strings{"ro"}};
  EXPECT_EQ(filesystem_of(planned(mount)).parameters, std::vector<FsParameter>{flag("ro")});
  EXPECT_EQ(filesystem_of(planned(mount)).attributes, kRo);
  for (const char* type : {"tmpfs", "proc", "sysfs", "mqueue", "overlay"}) {
    mount.type = type;
    EXPECT_TRUE(filesystem_of(planned(mount)).parameters.empty()) << type;
  }
}

// Podman's pods have a read-only /dev with devpts, shm and devices in it.
TEST(PlanFilesystem, WhatIsFilledBecomesReadOnlyLast) {
  spec::Mount mount{.destination = "/x", .type = "tmpfs", .options = spec::Strings{"ro", "nodev"}};
  const auto expect = [&](std::uint64_t attributes, bool last) {
    const NewFilesystem fs = filesystem_of(planned(mount));
    EXPECT_EQ(fs.attributes, attributes);
    EXPECT_EQ(fs.read_only_last, last);
  };
  expect(kNoDev, true);
  mount.type = "devtmpfs";
  expect(kRo | kNoDev, false);
  mount.destination = "/dev/";
  expect(kNoDev, true);
  mount.options->push_back("rw");
  expect(kNoDev, false);
}

TEST(PlanFilesystem, DevptsOfItsUsualPlaceIsWherePtysComeFrom) {
  const MountPlan plan = planned(spec_with(
      {{.destination = "/dev", .type = "tmpfs"}, {.destination = "/dev/pts", .type = "devpts"}}));
  EXPECT_EQ(plan.devpts_step, 1);
  EXPECT_EQ(planned(spec::Mount{.destination = "/pts", .type = "devpts"}).devpts_step, -1);
}

// CVE-2019-19921: a link in the image must not lead these elsewhere.
TEST(PlanFilesystem, ProcAndSysfsDoNotFollowLinks) {
  EXPECT_FALSE(planned(spec::Mount{.destination = "/proc", .type = "proc"}).steps[0].follow_target);
  EXPECT_FALSE(planned(spec::Mount{.destination = "/sys", .type = "sysfs"}).steps[0].follow_target);
  EXPECT_TRUE(planned(spec::Mount{.destination = "/x", .type = "tmpfs"}).steps[0].follow_target);
}

// ---- procfs ----------------------------------------------------------------------------------

TEST(PlanProc, OnlyProcfsCanBeMountedOnProc) {
  EXPECT_EQ(error_of(plan_of({.destination = "/proc", .type = "tmpfs"})),
            "mounts[0].destination: only procfs can be mounted on /proc");
  EXPECT_EQ(error_of(plan_of({.destination = "/a/../proc/", .type = "bind", .source = "/tmp"})),
            "mounts[0].destination: only procfs can be mounted on /proc");
  EXPECT_EQ(error_of(plan_of({.destination = "/proc", .type = "proc"})), "no error");
  EXPECT_EQ(error_of(plan_of({.destination = "/proc", .type = "bind", .source = "/proc"})),
            "no error");
}

TEST(PlanProc, OnlyWellKnownFilesBelowItCanBeCovered) {
  for (const char* file : {"/proc/cpuinfo", "/proc/diskstats", "/proc/loadavg", "/proc/meminfo",
                           "/proc/slabinfo", "/proc/stat", "/proc/swaps", "/proc/uptime",
                           "/proc/sys/kernel/ns_last_pid", "/proc/sys/crypto/fips_enabled"}) {
    const MountPlan plan =
        planned(spec::Mount{.destination = file, .type = "bind", .source = "/lxcfs"});
    EXPECT_TRUE(plan.steps[0].may_cover_proc) << file;
  }
  for (const std::string file : {"/proc/self", "/proc/sys", "/proc/cpuinfo/x", "/proc/1/attr",
                                 "/proc/sysrq-trigger", "/proc/x/../acpi"}) {
    const Result<MountPlan> plan =
        plan_of({.destination = file, .type = "bind", .source = "/lxcfs"});
    EXPECT_TRUE(error_of(plan).ends_with("is inside procfs and must not be covered")) << file;
  }
}

TEST(PlanProc, NamesThatOnlyBeginLikeItAreFree) {
  EXPECT_EQ(error_of(plan_of({.destination = "/process", .type = "tmpfs"})), "no error");
  EXPECT_FALSE(planned(spec::Mount{.destination = "/p", .type = "tmpfs"}).steps[0].may_cover_proc);
}

// ---- user namespaces -------------------------------------------------------------------------

MountFacts nested() {
  MountFacts host = facts();
  host.user_namespace = true;
  return host;
}

TEST(PlanMounts, SysfsOfTheHostsNetworkIsBoundInAUserNamespace) {
  const spec::Mount sys{
      .destination = "/sys", .type = "sysfs", .options = spec::Strings{"ro", "nosuid"}};
  EXPECT_EQ(tree_of(planned(sys, nested())), (HostTree{.source = "/sys",
                                                       .recursive = true,
                                                       .attributes = {.set = kRo | kNoSuid},
                                                       .json_path = "mounts[0]"}));
  MountFacts own_network = nested();
  own_network.owns_network = true;
  EXPECT_EQ(filesystem_of(planned(sys, own_network)).type, "sysfs");
}

TEST(PlanMounts, ProcOfTheHostsPidsIsBoundInAUserNamespace) {
  const spec::Mount proc{.destination = "/proc", .type = "proc"};
  EXPECT_EQ(tree_of(planned(proc, nested())).source, "/proc");
  MountFacts own_pids = nested();
  own_pids.own_pid = true;
  EXPECT_EQ(filesystem_of(planned(proc, own_pids)).type, "proc");
  EXPECT_EQ(filesystem_of(planned(proc)).type, "proc");
}

TEST(PlanMounts, ADeviceOfTheHostIsOneMoreTreeAndStep) {
  MountPlan plan = planned(spec_with({}));
  add_host_device(plan, "/dev/fuse", {"/dev/fuse"}, "linux.devices[0]");
  EXPECT_EQ(plan.trees[1], (HostTree{.source = "/dev/fuse", .json_path = "linux.devices[0]"}));
  EXPECT_EQ(
      plan.steps[0],
      (MountStep{.target = {"/dev/fuse"}, .what = TreeSlot{1}, .json_path = "linux.devices[0]"}));
}

// ---- cgroups ---------------------------------------------------------------------------------

spec::Mount cgroup(spec::Strings options = {}) {
  return {.destination = "/sys/fs/cgroup",
          .type = "cgroup",
          .source = "cgroup",
          .options = std::move(options)};
}

TEST(PlanCgroupMount, OnV2ItIsOneFilesystemOrOneDirectory) {
  for (const char* type : {"cgroup", "cgroup2"}) {
    spec::Mount mount = cgroup({"ro", "nosuid"});
    mount.type = type;
    const MountPlan own = planned(spec_with({mount}), facts(), {.single_fstype = "cgroup2"});
    EXPECT_EQ(filesystem_of(own), (NewFilesystem{.type = "cgroup2",
                                                 .parameters = {{"source", "cgroup"}},
                                                 .attributes = kRo | kNoSuid}));
    const MountPlan bound = planned(spec_with({mount}), facts(), {.single_bind = "/cg/web"});
    EXPECT_EQ(tree_of(bound).source, "/cg/web");
    EXPECT_EQ(tree_of(bound).attributes.set, kRo | kNoSuid);
    EXPECT_EQ(bound.steps.size(), 1U);
  }
}

const CgroupView kHybridView{
    .tmpfs = true,
    .entries = {{.name = "cpu,cpuacct", .fstype = "cgroup", .options = "cpu,cpuacct"},
                {.name = "systemd", .fstype = "cgroup", .options = "name=systemd"},
                {.name = "memory", .bind_source = "/cg/memory/web"},
                {.name = "unified", .fstype = "cgroup2"}},
    .links = {{"cpu,cpuacct", "cpu"}}};

TEST(PlanCgroupMount, OnV1ItIsATmpfsWithAnEntryForEachHierarchy) {
  const MountPlan plan = planned(spec_with({cgroup({"nosuid"})}), facts(), kHybridView);
  ASSERT_EQ(plan.steps.size(), 6U);
  EXPECT_EQ(filesystem_of(plan),
            (NewFilesystem{.type = "tmpfs",
                           .parameters = {{"source", "cgroup"}, {"mode", "755"}},
                           .attributes = kNoSuid}));
  EXPECT_EQ(plan.steps[1].target.text, "/sys/fs/cgroup/cpu,cpuacct");
  EXPECT_EQ(filesystem_of(plan, 1).parameters,
            (std::vector<FsParameter>{{"source", "cgroup"}, flag("cpu"), flag("cpuacct")}));
  EXPECT_EQ(filesystem_of(plan, 2).parameters,
            (std::vector<FsParameter>{{"source", "cgroup"}, {"name", "systemd"}}));
  EXPECT_EQ(tree_of(plan).source, "/cg/memory/web");
  EXPECT_EQ(filesystem_of(plan, 4).type, "cgroup2");
  EXPECT_EQ(plan.steps[5].target.text, "/sys/fs/cgroup/cpu");
  EXPECT_EQ(std::get<CopiedLink>(plan.steps[5].what).target, "cpu,cpuacct");
}

TEST(PlanCgroupMount, TheTmpfsBecomesReadOnlyAfterItIsFilled) {
  const MountPlan plan = planned(spec_with({cgroup({"ro"})}), facts(), kHybridView);
  ASSERT_EQ(plan.steps.size(), 6U);
  EXPECT_EQ(filesystem_of(plan).attributes, 0U);
  EXPECT_TRUE(filesystem_of(plan).read_only_last);
  EXPECT_EQ(filesystem_of(plan, 1).attributes, kRo);
  EXPECT_FALSE(filesystem_of(plan, 1).read_only_last);
}

// ---- masked and read-only paths --------------------------------------------------------------

TEST(PlanRestrictions, MaskedFilesShareOneNullDevice) {
  spec::Spec spec = spec_with({});
  spec.linux_->masked_paths = {"/proc/kcore", "sys//firmware"};
  spec.linux_->readonly_paths = {"/proc/sys/"};
  const MountPlan plan = planned(spec);
  EXPECT_EQ(plan.masked, (std::vector<ContainerPath>{{"/proc/kcore"}, {"/sys/firmware"}}));
  EXPECT_EQ(plan.readonly, (std::vector<ContainerPath>{{"/proc/sys"}}));
  ASSERT_EQ(plan.trees.size(), 2U);
  EXPECT_EQ(plan.null_device, TreeSlot{1});
  EXPECT_EQ(plan.trees[1],
            (HostTree{.source = "/dev/null", .follow = false, .json_path = "linux.maskedPaths"}));
}

TEST(PlanRestrictions, NothingMaskedNeedsNoNullDevice) {
  spec::Spec spec = spec_with({});
  spec.linux_->readonly_paths = {"/proc/sys"};
  EXPECT_EQ(planned(spec).trees.size(), 1U);
}

TEST(PlanMounts, TheMountLabelIsOfTheKindThatAnAnnotationNames) {
  spec::Spec spec = spec_with({{.destination = "/tmp", .type = "tmpfs"}});
  spec.linux_->mount_label = "l";
  EXPECT_EQ(filesystem_of(planned(spec)).parameters.back(),
            (FsParameter{.key = "context", .value = "l"}));
  spec.annotations = {{"run.oci.mount_context_type", "rootcontext"}};
  EXPECT_EQ(filesystem_of(planned(spec)).parameters.back(),
            (FsParameter{.key = "rootcontext", .value = "l"}));
  spec.mounts[0].options = {"rootcontext=mine"};
  EXPECT_EQ(filesystem_of(planned(spec)).parameters,
            (std::vector{FsParameter{.key = "rootcontext", .value = "mine"}}));
}

}  // namespace
}  // namespace brig
