// Against a directory in which the test plays the kernel: it makes the files of a new group.
#include "linux/resctrl/apply.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "sys/file.h"

namespace brig {
namespace {

using Names = std::vector<std::string>;

class FakeResctrl : public testing::Test {
 protected:
  FakeResctrl() {
    std::string path = "/tmp/brig-resctrl-XXXXXX";
    EXPECT_NE(::mkdtemp(path.data()), nullptr);  // allow call: a directory for this test
    path_ = path;
    root_ = *sys::open_at(FdRef::cwd(), path_, O_PATH | O_DIRECTORY);
    directory("mon_groups");
    directory("info");
    file("info/last_cmd_status", "ok\n");
    file("tasks", "");
    file("schemata", "    L3:0=ff\n");
  }
  ~FakeResctrl() override {
    for (std::size_t i = files_.size(); i > 0; --i)
      ignore(sys::unlink_at(root_, files_[i - 1]), "may be gone");
    for (std::size_t i = directories_.size(); i > 0; --i)
      ignore(sys::rmdir_at(root_, directories_[i - 1]), "may be gone");
    EXPECT_TRUE(sys::rmdir_at(FdRef::cwd(), path_)) << path_;
  }

  void directory(const std::string& name) {
    EXPECT_TRUE(sys::mkdir_at(root_, name, 0755));
    directories_.push_back(name);
  }
  void file(const std::string& name, const std::string& text) {
    EXPECT_TRUE(sys::create_file_at(root_, name, text, 0644)) << name;
    files_.push_back(name);
  }
  // A group that somebody has made, or the files that the kernel puts into a new one.
  void group(const std::string& name, const std::string& schemata) {
    if (!*sys::exists_at(root_, name)) directory(name);
    file(cat(name, "/tasks"), "");
    file(cat(name, "/schemata"), schemata);
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    const Result<std::string> found = sys::read_file_at(root_, name);
    return found ? *found : found.error().message();
  }
  [[nodiscard]] bool exists(const std::string& name) const { return *sys::exists_at(root_, name); }
  std::string refusal(const ResctrlPlan& plan) {
    const Result<> done = acquire_resctrl(root_, plan, made_);
    return done ? "accepted" : done.error().message();
  }

  std::string path_;
  Fd root_;
  Names made_, files_, directories_;
};

TEST_F(FakeResctrl, AGroupOfItsOwnIsMadeFilledEnteredAndRemoved) {
  const ResctrlPlan plan{.group = {.name = "web", .owned = true},
                         .schemata = {"L3:0=f", "MB:0=20"}};
  ASSERT_TRUE(acquire_resctrl(root_, plan, made_));
  EXPECT_EQ(made_, Names{"web"});
  group("web", "");
  ASSERT_TRUE(fill_resctrl(root_, plan, made_));
  EXPECT_EQ(text("web/schemata"), "L3:0=f\nMB:0=20\n");
  ASSERT_TRUE(enter_resctrl(root_, plan.group, 42));
  EXPECT_EQ(text("web/tasks"), "42");
  ASSERT_TRUE(sys::unlink_at(root_, "web/tasks"));
  ASSERT_TRUE(sys::unlink_at(root_, "web/schemata"));
  ASSERT_TRUE(remove_resctrl(root_, plan.group));
  EXPECT_FALSE(exists("web"));
  EXPECT_TRUE(remove_resctrl(root_, plan.group)) << "twice is once";
}

TEST_F(FakeResctrl, AGroupOfItsOwnThatIsThereIsSomebodyElses) {
  group("web", "");
  EXPECT_EQ(refusal({.group = {.name = "web", .owned = true}}), "a group 'web' exists already");
  EXPECT_EQ(made_, Names{});
}

TEST_F(FakeResctrl, AClassWithoutASchemaHasToBeThere) {
  EXPECT_EQ(refusal({.group = {.name = "gold"}}),
            "there is no group 'gold', and without a schema none is made");
  group("gold", "L3:0=1\n");
  EXPECT_EQ(refusal({.group = {.name = "gold"}}), "accepted");
  ASSERT_TRUE(fill_resctrl(root_, {.group = {.name = "gold"}}, made_));
  EXPECT_EQ(text("gold/schemata"), "L3:0=1\n");
}

TEST_F(FakeResctrl, AClassThatIsThereMustBeAsTheConfigurationWantsIt) {
  group("gold", "    L3:0=f;1=ff\n    MB:0=20\n");
  EXPECT_EQ(refusal({.group = {.name = "gold"}, .schemata = {"L3:0=0xf"}}), "accepted");
  EXPECT_EQ(refusal({.group = {.name = "gold"}, .schemata = {"MB:0=20", "L3:1=7f"}}),
            "the group 'gold' is there and has not 'L3:1=7f'");
  EXPECT_EQ(refusal({.group = {}, .schemata = {"L3:0=f"}}),
            "the group '' is there and has not 'L3:0=f'");
}

TEST_F(FakeResctrl, AClassWithASchemaIsMadeAndStays) {
  const ResctrlPlan plan{.group = {.name = "gold"}, .schemata = {"L3:0=f"}};
  ASSERT_TRUE(acquire_resctrl(root_, plan, made_));
  directories_.emplace_back("gold");
  EXPECT_EQ(made_, Names{"gold"});
  ASSERT_TRUE(remove_resctrl(root_, plan.group));
  EXPECT_TRUE(exists("gold"));
  ASSERT_TRUE(undo_resctrl(root_, made_));
  EXPECT_FALSE(exists("gold"));
}

TEST_F(FakeResctrl, AMonitoringGroupGoesWithTheContainer) {
  const ResctrlPlan plan{.group = {.monitor = "web"}};
  ASSERT_TRUE(acquire_resctrl(root_, plan, made_));
  EXPECT_EQ(made_, Names{"mon_groups/web"});
  file("mon_groups/web/tasks", "");
  ASSERT_TRUE(enter_resctrl(root_, plan.group, 42));
  EXPECT_EQ(text("tasks"), "42");
  EXPECT_EQ(text("mon_groups/web/tasks"), "42");
  Names again;
  EXPECT_EQ(acquire_resctrl(root_, plan, again).error().message(),
            "a monitoring group 'mon_groups/web' exists already");
  ASSERT_TRUE(sys::unlink_at(root_, "mon_groups/web/tasks"));
  ASSERT_TRUE(remove_resctrl(root_, plan.group));
  EXPECT_FALSE(exists("mon_groups/web"));
}

TEST_F(FakeResctrl, AnErrorHasTheReasonOfTheKernel) {
  ASSERT_TRUE(sys::write_file_at(root_, "info/last_cmd_status", "Mask out of range\n"));
  const ResctrlPlan plan{.group = {.name = "web", .owned = true}, .schemata = {"L3:0=fff"}};
  ASSERT_TRUE(acquire_resctrl(root_, plan, made_));
  directories_.emplace_back("web");  // without the kernel's files
  EXPECT_EQ(
      fill_resctrl(root_, plan, made_).error().message(),
      "resctrl says 'Mask out of range': open web/schemata: no such file or directory (ENOENT)");
}

TEST(OpenResctrl, AnotherFileSystemIsNone) {
  const Result<Fd> opened = open_resctrl();
  if (opened) GTEST_SKIP() << "this host has it";
  EXPECT_EQ(opened.error().message(), "no resctrl file system is mounted at /sys/fs/resctrl");
}

}  // namespace
}  // namespace brig
