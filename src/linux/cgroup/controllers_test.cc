#include "linux/cgroup/controllers.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "sys/file.h"

namespace brig {
namespace {

// Ordinary files in place of the kernel's: what would be written stays to be seen.
class ControllersTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(::mkdtemp(top_), nullptr); }
  void TearDown() override {
    for (auto path = paths_.rbegin(); path != paths_.rend(); ++path)
      if (::unlink(path->c_str()) != 0) ::rmdir(path->c_str());
    ::rmdir(top_);
  }
  void make_level(const std::string& below, const std::string& controllers,
                  const std::string& enabled) {
    if (!below.empty()) make_directory(below);
    make_file(below + "/cgroup.controllers", controllers);
    make_file(below + "/cgroup.subtree_control", enabled);
  }
  void make_directory(const std::string& below) {
    ASSERT_EQ(::mkdir((top_ + below).c_str(), 0700), 0);
    paths_.push_back(top_ + below);
  }
  void make_file(const std::string& below, const std::string& text) {
    ASSERT_TRUE(sys::create_file_at(FdRef::cwd(), top_ + below, text, 0600));
    paths_.push_back(top_ + below);
  }
  [[nodiscard]] std::string text_of(const std::string& below) const {
    return *sys::read_file_at(FdRef::cwd(), top_ + below);
  }
  [[nodiscard]] CgroupPlan plan_with(const std::vector<CgroupWrite>& writes) const {
    CgroupPlan plan;
    plan.paths = {CgroupMode::V2, {}, {{top_, "/brig/web", ""}}};
    plan.writes = writes;
    return plan;
  }
  [[nodiscard]] Result<> enable(const CgroupPlan& plan, CgroupParents parents) const {
    const Result<Fd> leaf =
        sys::open_at(FdRef::cwd(), directory_of(plan.paths.v2[0]), O_PATH | O_DIRECTORY);
    EXPECT_TRUE(leaf);
    return enable_controllers(plan, *leaf, parents);
  }

  char top_[32] = "/tmp/brig-test-XXXXXX";
  std::vector<std::string> paths_;
};

const CgroupWrite kMemory{kCgroupV2, "memory.max", "1", "linux.resources.memory.limit"};

TEST_F(ControllersTest, AllThatAreMissingAreEnabledFromTheTopToTheParent) {
  make_level("", "cpu memory pids\n", "cpu\n");
  make_level("/brig", "cpu memory\n", "");
  make_level("/brig/web", "memory\n", "");
  EXPECT_TRUE(enable(plan_with({kMemory}), CgroupParents::New));
  EXPECT_EQ(text_of("/cgroup.subtree_control"), "+memory +pids");
  EXPECT_EQ(text_of("/brig/cgroup.subtree_control"), "+cpu +memory");
  EXPECT_EQ(text_of("/brig/web/cgroup.subtree_control"), "");
}

TEST_F(ControllersTest, NothingIsTouchedWhereNothingIsWanted) {
  make_level("", "cpu memory\n", "");
  make_level("/brig", "", "");
  make_level("/brig/web", "", "");
  EXPECT_TRUE(enable(plan_with({}), CgroupParents::Existed));
  EXPECT_EQ(text_of("/cgroup.subtree_control"), "");
}

TEST_F(ControllersTest, NothingIsTouchedWhereAllIsThere) {
  make_level("", "cpu memory\n", "");
  make_level("/brig", "", "");
  make_level("/brig/web", "memory\n", "");
  EXPECT_TRUE(enable(plan_with({kMemory}), CgroupParents::Existed));
  EXPECT_EQ(text_of("/cgroup.subtree_control"), "");
}

TEST_F(ControllersTest, AnEngineGetsEveryController) {
  make_level("", "cpu memory\n", "");
  make_level("/brig", "cpu\n", "");
  make_level("/brig/web", "", "");
  CgroupPlan plan = plan_with({});
  plan.wants_all_controllers = true;
  plan.v2_controllers = {"cpu", "memory"};
  EXPECT_TRUE(enable(plan, CgroupParents::Existed));
  EXPECT_EQ(text_of("/cgroup.subtree_control"), "+cpu +memory");
  EXPECT_EQ(text_of("/brig/cgroup.subtree_control"), "+cpu");
}

TEST_F(ControllersTest, WhatALimitNeedsMustBeThereInTheEnd) {
  make_level("", "cpu\n", "");
  make_level("/brig", "", "");
  make_level("/brig/web", "cpu\n", "");
  const Result<> enabled = enable(plan_with({kMemory}), CgroupParents::Existed);
  ASSERT_FALSE(enabled);
  EXPECT_EQ(enabled.error().message(),
            cat("linux.resources.memory.limit: memory.max: the memory controller is not enabled "
                "for ",
                top_, "/brig/web: it is not available at the top"));
  CgroupWrite optional = kMemory;
  optional.may_be_absent = true;
  EXPECT_TRUE(enable(plan_with({optional}), CgroupParents::Existed));
}

TEST_F(ControllersTest, ACgroupWithProcessesOfItsOwnHandsNothingDown) {
  make_level("", "cpu memory\n", "cpu memory\n");
  make_level("/brig", "cpu memory\n", "");
  make_level("/brig/web", "", "");
  make_file("/brig/cgroup.type", "domain\n");
  make_file("/brig/cgroup.procs", "4711\n");
  EXPECT_TRUE(enable(plan_with({}), CgroupParents::New));
  EXPECT_EQ(text_of("/brig/cgroup.subtree_control"), "");
  const Result<> enabled = enable(plan_with({kMemory}), CgroupParents::Existed);
  ASSERT_FALSE(enabled);
  EXPECT_EQ(enabled.error().message(),
            cat("linux.resources.memory.limit: memory.max: the memory controller is not enabled "
                "for ",
                top_, "/brig/web: ", top_, "/brig has processes of its own"));
}

TEST_F(ControllersTest, ACpusetIsFilledFromTheNearestAboveThatHasOne) {
  for (const char* below : {"", "/brig", "/brig/web"}) {
    if (below[0] != '\0') make_directory(below);
    make_file(cat(below, "/cpuset.cpus"), below[0] == '\0' ? "0-3\n" : "");
    make_file(cat(below, "/cpuset.mems"), std::string(below) == "/brig" ? "1\n" : "\n");
  }
  const Result<> done = inherit_cpuset({top_, "/brig/web", "cpuset"});
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(text_of("/brig/cpuset.cpus"), "0-3");
  EXPECT_EQ(text_of("/brig/web/cpuset.cpus"), "0-3");
  EXPECT_EQ(text_of("/brig/web/cpuset.mems"), "1");
  EXPECT_EQ(text_of("/brig/cpuset.mems"), "1\n");
}

}  // namespace
}  // namespace brig
