#include "linux/mount/copy_up.h"

#include <sys/stat.h>
#include <unistd.h>

#include "sys/temp_directory_test.h"

namespace brig {
namespace {

class CopyUp : public testing::Test {
 protected:
  mode_t mode_of(const std::string& name) const {
    const Result<struct stat> info = sys::stat_at(to_.dir(), name);
    return info ? info->st_mode : 0;
  }
  std::string copied() const {
    const Result<> done = copy_up(from_.dir(), to_.dir());
    return done ? "done" : done.error().message();
  }

  TempDirectory from_, to_;
};

TEST_F(CopyUp, TakesDirectoriesFilesAndLinksWithTheirModes) {
  from_.make_dir("a/b");
  from_.make_file("a/b/text", "hello");
  from_.make_file("tool", std::string(100'000, 'x'));
  from_.make_link("a/link", "b/text");
  ASSERT_EQ(::chmod((from_.path() + "/a").c_str(), 01770), 0);
  ASSERT_EQ(::chmod((from_.path() + "/tool").c_str(), 04711), 0);
  ASSERT_EQ(copied(), "done");
  EXPECT_EQ(to_.content_of("a/b/text"), "hello");
  EXPECT_EQ(to_.content_of("tool"), std::string(100'000, 'x'));
  EXPECT_EQ(*sys::readlink_at(to_.dir(), "a/link"), "b/text");
  EXPECT_EQ(mode_of("a"), S_IFDIR | 01770U);
  EXPECT_EQ(mode_of("tool"), S_IFREG | 04711U);
}

// The target may be anything, the host's /etc/shadow too: the link is copied, not what it means.
TEST_F(CopyUp, NeverFollowsALink) {
  TempDirectory outside;
  outside.make_file("secret", "s");
  from_.make_link("dir", outside.path());
  from_.make_link("file", outside.path() + "/secret");
  from_.make_link("dangling", "/no/such/file");
  ASSERT_EQ(copied(), "done");
  for (const char* name : {"dir", "file", "dangling"}) EXPECT_TRUE(S_ISLNK(mode_of(name))) << name;
}

TEST_F(CopyUp, LeavesOutWhatIsNeitherFileDirectoryNorLink) {
  ASSERT_EQ(::mkfifo((from_.path() + "/fifo").c_str(), 0600), 0);
  from_.make_file("file");
  ASSERT_EQ(copied(), "done");
  EXPECT_FALSE(to_.has("fifo"));
  EXPECT_TRUE(to_.has("file"));
}

TEST_F(CopyUp, OfAnEmptyDirectoryIsNothing) {
  EXPECT_EQ(copied(), "done");
}

TEST_F(CopyUp, AnExistingNameIsAnErrorThatSaysWhich) {
  from_.make_file("same", "new");
  to_.make_file("same", "old");
  EXPECT_TRUE(copied().starts_with("copy same: ")) << copied();
  EXPECT_EQ(to_.content_of("same"), "old");
}

TEST_F(CopyUp, TooDeepIsRefusedBeforeDescriptorsRunOut) {
  std::string path;
  for (int i = 0; i < 130; ++i) append(path, "d/");
  from_.make_dir(path.substr(0, path.size() - 1));
  EXPECT_TRUE(copied().ends_with("directories nested too deeply")) << copied();
}

}  // namespace
}  // namespace brig
