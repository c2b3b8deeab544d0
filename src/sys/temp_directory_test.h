// A directory for one test, removed with everything in it at the end.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "sys/file.h"

namespace brig {

class TempDirectory {
 public:
  TempDirectory() : path_(testing::TempDir() + "brig-test-XXXXXX") {
    EXPECT_NE(::mkdtemp(path_.data()), nullptr);
    dir_ = open(".");
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  ~TempDirectory() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] FdRef dir() const { return dir_; }

  [[nodiscard]] Fd open(const std::string& name) const {
    Result<Fd> dir = sys::open_at(FdRef::cwd(), path_ + "/" + name, O_RDONLY | O_DIRECTORY);
    EXPECT_TRUE(dir) << dir.error().message();
    return dir ? std::move(*dir) : Fd();
  }
  void make_dir(const std::string& name) const {
    EXPECT_TRUE(std::filesystem::create_directories(path_ + "/" + name)) << name;
  }
  void make_file(const std::string& name, std::string_view content = {}) const {
    EXPECT_TRUE(sys::create_file_at(dir_, name, content, 0644)) << name;
  }
  void make_link(const std::string& name, const std::string& target) const {
    EXPECT_TRUE(sys::symlink_at(target, dir_, name)) << name;
  }
  [[nodiscard]] bool has(const std::string& name) const {
    return std::filesystem::exists(std::filesystem::symlink_status(path_ + "/" + name));
  }
  [[nodiscard]] std::string content_of(const std::string& name) const {
    const Result<std::string> text = sys::read_file_at(dir_, name);
    return text ? *text : text.error().message();
  }

 private:
  std::string path_;
  Fd dir_;
};

}  // namespace brig
