#include "linux/seccomp/cache.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "linux/seccomp/compile.h"
#include "sys/file.h"

namespace brig {
namespace {

class SeccompCacheTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "brig-seccomp-XXXXXX";
    ASSERT_NE(::mkdtemp(path_.data()), nullptr);
    dir_ = Fd(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  void TearDown() override { std::filesystem::remove_all(path_); }

  [[nodiscard]] SeccompCache cache() const { return {.dir = dir_, .owner = ::geteuid()}; }
  [[nodiscard]] std::vector<std::string> names() const { return *sys::list_dir(dir_); }
  [[nodiscard]] std::string only_file() const { return path_ + "/" + names().at(0); }

  // Makes a hit visible: what the cache gives then is not what compiling would.
  [[nodiscard]] bool is_hit(const SeccompProfile& profile) const {
    struct stat before{}, after{};
    if (::stat(only_file().c_str(), &before) != 0) return false;
    const Result<SeccompProgram> program = compiled_seccomp(profile, cache());
    EXPECT_TRUE(program);
    EXPECT_EQ(program->bpf, *compile_seccomp(profile));
    ::stat(only_file().c_str(), &after);
    return before.st_ino == after.st_ino;  // a miss writes a new file and renames it
  }

  Fd dir_;
  std::string path_;
};

SeccompProfile profile_with(std::uint32_t error) {
  return {.default_action = SECCOMP_RET_ALLOW,
          .flags = SECCOMP_FILTER_FLAG_LOG,
          .rules = {{.names = {"mkdir"}, .action = SECCOMP_RET_ERRNO | error}}};
}

TEST_F(SeccompCacheTest, TheSecondTimeComesFromTheFile) {
  const Result<SeccompProgram> first = compiled_seccomp(profile_with(1), cache());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->flags, SECCOMP_FILTER_FLAG_LOG);
  ASSERT_EQ(names().size(), 1U);
  EXPECT_EQ(names()[0].size(), 16U);
  EXPECT_TRUE(is_hit(profile_with(1)));
  EXPECT_EQ(*compiled_seccomp(profile_with(1), cache()), *first);
}

TEST_F(SeccompCacheTest, AnotherProfileIsAnotherFile) {
  ASSERT_TRUE(compiled_seccomp(profile_with(1), cache()));
  ASSERT_TRUE(compiled_seccomp(profile_with(2), cache()));
  EXPECT_EQ(names().size(), 2U);
}

TEST_F(SeccompCacheTest, WithoutADirectoryItCompiles) {
  const Result<SeccompProgram> program = compiled_seccomp(profile_with(1), {});
  ASSERT_TRUE(program);
  EXPECT_EQ(program->bpf, *compile_seccomp(profile_with(1)));
}

TEST_F(SeccompCacheTest, AProfileThatCannotBeCompiledIsStillAnError) {
  const SeccompProfile profile{.default_action = SECCOMP_RET_ALLOW, .arches = {4711}};
  EXPECT_FALSE(compiled_seccomp(profile, cache()));
  EXPECT_TRUE(names().empty());
}

TEST_F(SeccompCacheTest, AFileThatOthersMayWriteIsNotBelieved) {
  for (const mode_t mode : {0620U, 0602U}) {
    ASSERT_TRUE(compiled_seccomp(profile_with(1), cache()));
    ASSERT_EQ(::chmod(only_file().c_str(), mode), 0);
    EXPECT_FALSE(is_hit(profile_with(1)));
    EXPECT_TRUE(is_hit(profile_with(1)));  // replaced by a good one
  }
}

TEST_F(SeccompCacheTest, AFileOfSomebodyElseIsNotBelieved) {
  ASSERT_TRUE(compiled_seccomp(profile_with(1), cache()));
  SeccompCache as_other = cache();
  as_other.owner += 1;
  struct stat before{}, after{};
  ::stat(only_file().c_str(), &before);
  ASSERT_TRUE(compiled_seccomp(profile_with(1), as_other));
  ::stat(only_file().c_str(), &after);
  EXPECT_NE(before.st_ino, after.st_ino);
}

TEST_F(SeccompCacheTest, ASymlinkOrAFifoInItsPlaceIsReplaced) {
  ASSERT_TRUE(compiled_seccomp(profile_with(1), cache()));
  const std::string file = only_file();
  const std::string elsewhere = path_ + "-elsewhere";
  ASSERT_EQ(::rename(file.c_str(), elsewhere.c_str()), 0);
  ASSERT_EQ(::symlink(elsewhere.c_str(), file.c_str()), 0);
  ASSERT_TRUE(compiled_seccomp(profile_with(1), cache()));
  struct stat info{};
  ::lstat(file.c_str(), &info);
  EXPECT_TRUE(S_ISREG(info.st_mode));
  ::unlink(elsewhere.c_str());

  ::unlink(file.c_str());
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  ASSERT_TRUE(compiled_seccomp(profile_with(1), cache()));
  ::lstat(file.c_str(), &info);
  EXPECT_TRUE(S_ISREG(info.st_mode));
}

// Whatever is wrong with the bytes: the answer is the right program and a mended file.
TEST_F(SeccompCacheTest, DamagedBytesAreNoticed) {
  const Result<SeccompProgram> good = compiled_seccomp(profile_with(1), cache());
  ASSERT_TRUE(good);
  const std::string name = names().at(0);
  const std::string bytes = *sys::read_file_at(dir_, name);
  for (std::size_t i = bytes.size() % 3; i <= bytes.size(); i += 3) {
    std::string damaged = bytes;
    if (i < bytes.size())
      damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    else
      damaged.clear();
    ASSERT_TRUE(sys::unlink_at(dir_, name));
    ASSERT_TRUE(sys::create_file_at(dir_, name, damaged, 0600));
    const Result<SeccompProgram> again = compiled_seccomp(profile_with(1), cache());
    ASSERT_TRUE(again && *again == *good) << "byte " << i;
    ASSERT_EQ(*sys::read_file_at(dir_, name), bytes) << "byte " << i;
  }
}

TEST_F(SeccompCacheTest, AProfileWithTheSameHashIsNotTakenForThisOne) {
  ASSERT_TRUE(compiled_seccomp(profile_with(1), cache()));
  const std::string first = names().at(0);
  ASSERT_TRUE(compiled_seccomp(profile_with(2), cache()));
  const std::vector<std::string> both = names();
  const std::string second = both[0] == first ? both[1] : both[0];
  // As if both had the name of the second.
  ASSERT_TRUE(sys::rename_at(dir_, first, second));
  const Result<SeccompProgram> program = compiled_seccomp(profile_with(2), cache());
  ASSERT_TRUE(program);
  EXPECT_EQ(program->bpf, *compile_seccomp(profile_with(2)));
}

TEST_F(SeccompCacheTest, TheOldestEntriesMakeRoom) {
  for (int i = 0; i < 80; ++i) {
    const std::string name = "left-over-" + std::to_string(i);
    ASSERT_TRUE(sys::create_file_at(dir_, name, "x", 0600));
    const timespec times[2]{{.tv_sec = 1000 + i, .tv_nsec = 0}, {.tv_sec = 1000 + i, .tv_nsec = 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (path_ + "/" + name).c_str(), times, 0), 0);
  }
  ASSERT_TRUE(compiled_seccomp(profile_with(1), cache()));
  EXPECT_EQ(names().size(), 64U);
  EXPECT_FALSE(*sys::exists_at(dir_, "left-over-16"));
  EXPECT_TRUE(*sys::exists_at(dir_, "left-over-17"));
}

TEST_F(SeccompCacheTest, ADirectoryThatCannotBeWrittenIsNoTrouble) {
  // Gone altogether: root could write to a read-only one.
  ASSERT_EQ(::rmdir(path_.c_str()), 0);
  EXPECT_TRUE(compiled_seccomp(profile_with(1), cache()));
}

}  // namespace
}  // namespace brig
