#include "runtime/inspect/host_checks.h"

#include <gtest/gtest.h>

#include "runtime/inspect/kernel.h"

namespace brig::runtime {
namespace {

TEST(FindingOf, APathIsTakenApart) {
  const spec::Finding finding =
      finding_of("mounts[3].options: unknown option 'rx'", Severity::Error);
  EXPECT_EQ(finding.path, "mounts[3].options");
  EXPECT_EQ(finding.what, "unknown option 'rx'");
  EXPECT_FALSE(finding.warning);
}

TEST(FindingOf, WhatBeginsWithNoPathIsWhole) {
  for (const char* text : {"bundle: open /x: no such file or directory (ENOENT)", "no colon",
                           "hostnames: odd", "open config.json: x"}) {
    const spec::Finding finding = finding_of(text, Severity::Warning);
    EXPECT_EQ(finding.path, "");
    EXPECT_EQ(finding.what, text);
    EXPECT_TRUE(finding.warning);
  }
}

TEST(Filesystems, AreTheLastWordOfALine) {
  constexpr char kText[] = "nodev\tsysfs\nnodev\ttmpfs\n\text4\n\tfuse\nnodev\tfusectl\n";
  for (const char* type : {"sysfs", "tmpfs", "ext4", "fuse", "fuse.sshfs"})
    EXPECT_TRUE(has_filesystem(kText, type)) << type;
  for (const char* type : {"fs", "nodev", "xfs", "ext", "usectl"})
    EXPECT_FALSE(has_filesystem(kText, type)) << type;
}

TEST(Filesystems, AModuleBringsThoseThatItIsAnAliasOf) {
  constexpr char kText[] = "alias fs-xfs xfs\nalias fs-fuseblk fuse\n";
  EXPECT_TRUE(is_filesystem_module(kText, "xfs"));
  EXPECT_FALSE(is_filesystem_module(kText, "xf"));
  EXPECT_FALSE(is_filesystem_module(kText, "fuse"));
}

TEST(ProbeKernel, TheKernelOfTheTestsHasWhatBrigNeeds) {
  const KernelFacts kernel = probe_kernel();
  for (const KernelFeature& feature : kernel.features)
    EXPECT_TRUE(feature.present || !feature.required) << feature.name;
  ASSERT_NE(kernel.find_namespace("mount"), nullptr);
  EXPECT_TRUE(kernel.find_namespace("mount")->present);
  EXPECT_EQ(kernel.find_namespace("net"), nullptr);
}

}  // namespace
}  // namespace brig::runtime
