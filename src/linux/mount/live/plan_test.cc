#include "linux/mount/live/plan.h"

#include <gtest/gtest.h>

#include "spec/types.h"

namespace brig {
namespace {

spec::Spec container() {
  spec::Spec spec{.root = spec::Root{.path = "rootfs"}, .linux_ = spec::Linux{}};
  spec.mounts = {{.destination = "/dev", .type = "tmpfs"}};
  spec.linux_->namespaces = {{.type = "mount", .path = {}}};
  spec.linux_->masked_paths = {"/proc/kcore", "/sys/firmware"};
  spec.linux_->readonly_paths = {"/proc/sys"};
  return spec;
}

Result<MountPlan> plan(const std::vector<spec::Mount>& added) {
  return plan_live_mounts(container(), added, {.bundle = "/b", .rootfs = "/b/rootfs"}, {});
}

std::string error_of(const spec::Mount& mount) {
  const Result<MountPlan> planned = plan({{.destination = "/ok", .type = "tmpfs"}, mount});
  return planned ? "no error" : planned.error().message();
}

spec::Mount at(const std::string& destination, const std::string& type = "tmpfs") {
  return {.destination = destination, .type = type, .source = "src"};
}

TEST(LiveMounts, OnlyWhatIsAddedIsPlanned) {
  const Result<MountPlan> planned = plan({at("/data", "bind"), at("/tmp")});
  ASSERT_TRUE(planned);
  ASSERT_EQ(planned->trees.size(), 1U);  // not the root
  EXPECT_EQ(planned->trees[0].source, "/b/src");
  ASSERT_EQ(planned->steps.size(), 2U);
  EXPECT_EQ(planned->steps[0].target.text, "/data");
  EXPECT_EQ(planned->steps[1].json_path, "mounts[1]");
  EXPECT_TRUE(planned->masked.empty());
  EXPECT_TRUE(planned->readonly.empty());
}

TEST(LiveMounts, NothingCoversWhatIsMasked) {
  EXPECT_EQ(error_of(at("/proc", "proc")),
            "mounts[1].destination: /proc would cover /proc/kcore, which is among "
            "linux.maskedPaths");
  EXPECT_EQ(error_of(at("/x/../sys/./firmware")),
            "mounts[1].destination: /sys/firmware would cover /sys/firmware, which is among "
            "linux.maskedPaths");
  EXPECT_EQ(error_of(at("/sys/firm")), "no error");
  EXPECT_EQ(error_of(at("/sys/firmware/efi")), "no error");  // within the mask
}

TEST(LiveMounts, NothingCoversWhatIsReadOnly) {
  EXPECT_EQ(error_of(at("/proc/sys")),
            "mounts[1].destination: /proc/sys would cover /proc/sys, which is among "
            "linux.readonlyPaths");
}

TEST(LiveMounts, TheRootAndWhatIsMountedStay) {
  const std::string root =
      "mounts[1].destination: the root of a running container stays what it is";
  EXPECT_EQ(error_of(at("/")), root);
  EXPECT_EQ(error_of(at("/a/..")), root);
  spec::Mount remount = at("/dev");
  remount.options = {"remount", "ro"};
  EXPECT_EQ(error_of(remount),
            "mounts[1].options: remount: nothing that is mounted already is changed");
}

TEST(LiveMounts, ThereIsAMostAtOnce) {
  EXPECT_TRUE(plan(std::vector(512, at("/x"))));
  const Result<MountPlan> planned = plan(std::vector(513, at("/x")));
  ASSERT_FALSE(planned);
  EXPECT_EQ(planned.error().message(), "mounts: at most 512 at once");
}

TEST(LiveMounts, TheFirstStepOfEachMountIsTheOneThatIsKnown) {
  const MountPlan planned{.steps = {{.target = {"/a"}, .json_path = "mounts[0]"},
                                    {.target = {"/a/cpu"}, .json_path = "mounts[0]"},
                                    {.target = {"/b"}, .json_path = "mounts[1]"}}};
  EXPECT_EQ(first_steps(planned), (std::vector<std::size_t>{0, 2}));
  EXPECT_TRUE(first_steps({}).empty());
}

// ---- removal ---------------------------------------------------------------------------------

LiveMount live(const std::string& target, std::uint64_t number, const std::string& path = "") {
  return {.target = {target}, .number = number, .json_path = path};
}

TEST(RemovalOfMounts, TheLastOneAtADestinationIsMeantFirst) {
  const std::vector<LiveMount> there = {live("/a", 1), live("/b", 2), live("/a", 3)};
  const auto removed = plan_removal({at("/a"), at("//b/"), at("/a")}, there);
  ASSERT_TRUE(removed);
  EXPECT_EQ(*removed, (std::vector{live("/a", 3, "mounts[0]"), live("/b", 2, "mounts[1]"),
                                   live("/a", 1, "mounts[2]")}));
}

TEST(RemovalOfMounts, WhatWasNotAddedIsNotRemoved) {
  const auto removed = plan_removal({at("/a"), at("/a")}, {live("/a", 1)});
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().message(),
            "mounts[1].destination: nothing on /a was mounted by 'mounts add'");
}

}  // namespace
}  // namespace brig
