#include "linux/root.h"

#include <sys/stat.h>

#include "sys/temp_directory_test.h"

namespace brig {
namespace {

class RootTest : public testing::Test {
 protected:
  // Content, or the errno: of what a path of the container leads to.
  std::string read(const std::string& path) const {
    const Result<Fd> file = root_.open({path}, O_RDONLY);
    if (!file) return cat("errno ", file.error().sys_errno());
    return sys::read_all(*file, 4096).value_or("unreadable");
  }

  TempDirectory image_;
  TempDirectory host_;
  Root root_{image_.dir()};
};

int errno_of(const Result<Fd>& result) {
  return result ? 0 : result.error().sys_errno();
}

bool same_file(FdRef a, FdRef b) {
  const Result<struct stat> first = sys::fstat(a);
  const Result<struct stat> second = sys::fstat(b);
  return first && second && first->st_dev == second->st_dev && first->st_ino == second->st_ino;
}

// ---- open ------------------------------------------------------------------------------------

TEST_F(RootTest, LinksThatLeadOutStayInside) {
  image_.make_dir("etc");
  image_.make_file("etc/passwd", "the image's");
  host_.make_file("passwd", "the host's");
  image_.make_link("absolute", "/etc/passwd");
  image_.make_link("upwards", "../../../../../../../../etc/passwd");
  image_.make_link("host", host_.path());
  EXPECT_EQ(read("/absolute"), "the image's");
  EXPECT_EQ(read("/upwards"), "the image's");
  EXPECT_EQ(read("/host/passwd"), cat("errno ", ENOENT));
}

TEST_F(RootTest, DotDotEndsAtTheRoot) {
  image_.make_file("top", "inside");
  EXPECT_EQ(read("/../../top"), "inside");
  EXPECT_EQ(read("a/../top"), "inside");
  const Result<Fd> self = root_.open({"/.."}, O_PATH);
  ASSERT_TRUE(self);
  EXPECT_TRUE(same_file(*self, root_.dir()));
}

TEST_F(RootTest, MagicLinksAreRefused) {
  const Fd slash = host_.open("../../../../../../../..");
  const Root host(slash);
  EXPECT_EQ(errno_of(host.open({"/proc/self/root"}, O_PATH)), ELOOP);
  EXPECT_EQ(errno_of(host.open({"/proc/self/fd/0"}, O_PATH)), ELOOP);
  EXPECT_EQ(errno_of(host.open({"/proc/self/status"}, O_PATH)), 0);
}

TEST_F(RootTest, WithoutLinksMeansAnywhereOnThePath) {
  image_.make_dir("real/below");
  image_.make_link("link", "real");
  EXPECT_TRUE(root_.open_no_links({"/real/below"}, O_PATH));
  EXPECT_EQ(errno_of(root_.open_no_links({"/link/below"}, O_PATH)), ELOOP);
  EXPECT_EQ(errno_of(root_.open_no_links({"/link"}, O_PATH | O_DIRECTORY)), ELOOP);
}

// ---- ensure ----------------------------------------------------------------------------------

TEST_F(RootTest, MissingDirectoriesAreMade) {
  const Result<Fd> dir = root_.ensure_dir({"/a/b/c"});
  ASSERT_TRUE(dir);
  EXPECT_TRUE(same_file(*dir, image_.open("a/b/c")));
  EXPECT_TRUE(root_.ensure_dir({"/a/b"}));
  EXPECT_TRUE(root_.ensure_dir({"/"}));
}

TEST_F(RootTest, AMissingFileIsMadeEmptyAndAnOldOneStays) {
  image_.make_file("old", "kept");
  ASSERT_TRUE(root_.ensure_file({"/new/deep/file"}));
  EXPECT_EQ(read("/new/deep/file"), "");
  ASSERT_TRUE(root_.ensure_file({"/old"}));
  EXPECT_EQ(read("/old"), "kept");
}

TEST_F(RootTest, WhatIsMadeBehindALinkIsMadeInside) {
  image_.make_dir("srv");
  image_.make_link("data", "/srv");
  ASSERT_TRUE(root_.ensure_file({"/data/x/file"}));
  EXPECT_TRUE(image_.has("srv/x/file"));
}

TEST_F(RootTest, ALinkToADirectoryOfTheHostGivesNothingThere) {
  image_.make_link("out", host_.path());
  EXPECT_FALSE(root_.ensure_dir({"/out/new"}));
  EXPECT_FALSE(root_.ensure_file({"/out/file"}));
  EXPECT_FALSE(host_.has("new"));
  EXPECT_FALSE(host_.has("file"));
}

TEST_F(RootTest, ADanglingLinkIsAnErrorAndNotFilled) {
  image_.make_link("nowhere", "/missing");
  EXPECT_EQ(errno_of(root_.ensure_dir({"/nowhere"})), ENOENT);
  EXPECT_EQ(errno_of(root_.ensure_file({"/nowhere"})), ELOOP);
  EXPECT_FALSE(image_.has("missing"));
}

TEST_F(RootTest, AFileOnTheWayIsAnError) {
  image_.make_file("file");
  EXPECT_EQ(errno_of(root_.ensure_dir({"/file/below"})), ENOTDIR);
  EXPECT_EQ(errno_of(root_.ensure_dir({"/file"})), ENOTDIR);
}

TEST_F(RootTest, APlainFileIsNeverALink) {
  image_.make_file("target", "untouched");
  image_.make_link("console", "target");
  const Result<Place> link = root_.ensure_parent({"/console"});
  ASSERT_TRUE(link);
  EXPECT_EQ(errno_of(open_plain_file(*link)), ELOOP);
  const Result<Place> fresh = root_.ensure_parent({"/dev/console"});
  ASSERT_TRUE(fresh);
  EXPECT_TRUE(open_plain_file(*fresh));
  EXPECT_TRUE(open_plain_file(*fresh)) << "a second time";
  EXPECT_TRUE(image_.has("dev/console"));
}

// ---- mounts ----------------------------------------------------------------------------------

TEST_F(RootTest, AMountIsFoundWhateverHasBecomeOfItsName) {
  TempDirectory proc;
  proc.make_dir("sys");
  proc.make_file("sys/kernel", "procfs");
  proc.make_link("self", "sys");
  image_.make_dir("proc");
  image_.make_file("proc/decoy", "the image's");
  root_.note_mount({"/proc"}, proc.dir());
  const auto has = [&](const char* path) {
    const Result<Fd> found = root_.open_below_mount({path}, O_PATH);
    return found && *found;
  };
  EXPECT_TRUE(has("/proc/sys"));
  EXPECT_TRUE(has("/proc/./sys/kernel"));
  EXPECT_FALSE(has("/proc/decoy")) << "the name of the mount leads there, and not the mount";
  EXPECT_FALSE(has("/proc/self/kernel")) << "by a link";
  EXPECT_FALSE(has("/proc")) << "is the mount itself";
  EXPECT_FALSE(has("/process"));
  EXPECT_FALSE(has("/elsewhere"));
}

TEST_F(RootTest, OfMountsInMountsTheDeepestCounts) {
  TempDirectory sys, cgroup;
  sys.make_dir("fs");
  cgroup.make_file("procs", "deep");
  root_.note_mount({"/sys"}, sys.dir());
  root_.note_mount({"/sys/fs/cgroup"}, cgroup.dir());
  const Result<Fd> found = root_.open_below_mount({"/sys/fs/cgroup/procs"}, O_RDONLY);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ(sys::read_all(*found, 100).value_or(""), "deep");
}

// A directory elsewhere stands for the mount.
TEST_F(RootTest, NamesBelowAMountAreMadeInTheMount) {
  TempDirectory dev;
  root_.note_mount({"/dev/"}, dev.dir());
  ASSERT_TRUE(root_.ensure_dir({"/dev/pts"}));
  ASSERT_TRUE(root_.ensure_file({"/dev/console"}));
  EXPECT_TRUE(dev.has("pts"));
  EXPECT_TRUE(dev.has("console"));
  EXPECT_FALSE(image_.has("dev"));
}

TEST_F(RootTest, AMountHidesWhatWasMountedBelowIt) {
  TempDirectory pts, dev, others;
  root_.note_mount({"/dev/pts"}, pts.dir());
  root_.note_mount({"/device"}, others.dir());
  root_.note_mount({"/dev"}, dev.dir());
  const Result<Place> below = root_.ensure_parent({"/dev/pts/0"});
  ASSERT_TRUE(below);
  EXPECT_FALSE(same_file(below->parent(), pts.dir()));
  const Result<Place> other = root_.ensure_parent({"/device/x"});
  ASSERT_TRUE(other);
  EXPECT_TRUE(same_file(other->parent(), others.dir()));
}

TEST_F(RootTest, ALinkInAMountIsFollowedInsideTheRoot) {
  TempDirectory dev;
  dev.make_link("shm", "/run/shm");
  image_.make_dir("run/shm");
  image_.make_dir("dev");
  image_.make_link("dev/shm", "/run/shm");
  root_.note_mount({"/dev"}, dev.dir());
  const Result<Fd> shm = root_.ensure_dir({"/dev/shm"});
  ASSERT_TRUE(shm);
  EXPECT_TRUE(same_file(*shm, image_.open("run/shm")));
}

}  // namespace
}  // namespace brig
