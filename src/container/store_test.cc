#include "container/store.h"

#include <sys/stat.h>

#include "sys/process.h"
#include "sys/temp_directory_test.h"

namespace brig {
namespace {

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    Result<Store> store = Store::open_or_make(root());
    EXPECT_TRUE(store) << store.error().message();
    if (store) store_ = std::move(*store);
  }
  std::string root() const { return temp_.path() + "/state/brig"; }
  ContainerDir claimed(const std::string& id) const {
    Result<ContainerDir> container = store_.claim(id);
    EXPECT_TRUE(container) << container.error().message();
    return container ? std::move(*container) : ContainerDir();
  }
  bool exists(const std::string& name) const { return temp_.has("state/brig/" + name); }
  std::string in(const std::string& name) const { return root() + "/" + name; }

  TempDirectory temp_;
  Store store_;
};

template <class T>
std::string error_of(const Result<T>& result) {
  return result ? "no error" : result.error().message();
}

TEST_F(StoreTest, TheRootIsMadeForItsOwnerOnly) {
  struct stat info{};
  ASSERT_EQ(::stat(root().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700U);
}

TEST_F(StoreTest, AnIdCanBeClaimedOnce) {
  const ContainerDir first = claimed("web");
  EXPECT_EQ(first.id(), "web");
  const Result<ContainerDir> second = store_.claim("web");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Errc::Exists);
  EXPECT_EQ(second.error().message(), "container with given ID already exists");
}

TEST_F(StoreTest, FindsWhatWasClaimed) {
  claimed("web").create_file("state.json", "{}");
  const Result<ContainerDir> found = store_.find("web");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->read_file("state.json").value_or(""), "{}");
}

TEST_F(StoreTest, WhatIsNoDirectoryIsNoContainer) {
  temp_.make_file("state/brig/file");
  temp_.make_dir("elsewhere");
  temp_.make_link("state/brig/link", temp_.path() + "/elsewhere");
  for (const char* id : {"missing", "file", "link"}) {
    const Result<ContainerDir> found = store_.find(id);
    ASSERT_FALSE(found) << id;
    EXPECT_EQ(found.error().code(), Errc::NotFound) << id;
    EXPECT_EQ(found.error().message(), "container does not exist") << id;
  }
}

TEST_F(StoreTest, ARootThatDoesNotExistHoldsNothing) {
  const Result<Store> none = Store::open(temp_.path() + "/missing");
  ASSERT_TRUE(none);
  EXPECT_EQ(none->find("web").error().code(), Errc::NotFound);
  EXPECT_TRUE(none->ids()->empty());
  EXPECT_FALSE(temp_.has("missing"));
}

TEST_F(StoreTest, ARootThatIsAFileIsAnError) {
  temp_.make_file("plain");
  EXPECT_FALSE(Store::open(temp_.path() + "/plain"));
  EXPECT_TRUE(error_of(Store::open_or_make(temp_.path() + "/plain"))
                  .starts_with(cat("open the state directory ", temp_.path(), "/plain: ")));
}

TEST_F(StoreTest, IdsAreSortedAndNotWhatElseLiesThere) {
  for (const char* id : {"web", "a", "db.1"}) claimed(id);
  temp_.make_dir("state/brig/.cache");
  temp_.make_dir("state/brig/with space");
  EXPECT_EQ(*store_.ids(), (std::vector<std::string>{"a", "db.1", "web"}));
}

TEST_F(StoreTest, AReplacedFileHasTheOldContentOrTheNew) {
  const ContainerDir web = claimed("web");
  ASSERT_TRUE(web.create_file("state.json", "old"));
  EXPECT_FALSE(web.create_file("state.json", "again")) << "create_file never overwrites";
  ASSERT_TRUE(web.replace_file("state.json", "new"));
  ASSERT_TRUE(web.replace_file("other", "made"));
  EXPECT_EQ(*web.read_file("state.json"), "new");
  EXPECT_EQ(*web.read_file("other"), "made");
  EXPECT_EQ(sys::list_dir(web.dir())->size(), 2U);
}

// brig was killed between the two steps, and its process number comes again.
TEST_F(StoreTest, WhatAKilledReplaceLeftIsInNobodysWay) {
  const ContainerDir web = claimed("web");
  ASSERT_TRUE(web.create_file(cat(".state.json.", sys::own_pid()), "half"));
  ASSERT_TRUE(web.replace_file("state.json", "whole"));
  EXPECT_EQ(*web.read_file("state.json"), "whole");
}

TEST_F(StoreTest, AFifoInPlaceOfAFileDoesNotHoldTheReader) {
  const ContainerDir web = claimed("web");
  ASSERT_EQ(::mkfifo(in("web/state.json").c_str(), 0600), 0);
  EXPECT_EQ(error_of(web.read_file("state.json")), "state.json: not a regular file");
}

TEST_F(StoreTest, ALinkInPlaceOfAFileIsNotRead) {
  const ContainerDir web = claimed("web");
  temp_.make_file("secret", "s");
  temp_.make_link("state/brig/web/state.json", temp_.path() + "/secret");
  EXPECT_EQ(web.read_file("state.json").error().sys_errno(), ELOOP);
}

TEST_F(StoreTest, RemoveTakesEverythingAndFollowsNoLink) {
  const ContainerDir web = claimed("web");
  temp_.make_dir("precious");
  temp_.make_file("precious/file", "kept");
  temp_.make_link("state/brig/web/to-dir", temp_.path() + "/precious");
  temp_.make_link("state/brig/web/to-file", temp_.path() + "/precious/file");
  temp_.make_dir("state/brig/web/notify/deeper");
  temp_.make_file("state/brig/web/notify/deeper/file");
  ASSERT_EQ(::mkfifo(in("web/start").c_str(), 0600), 0);
  const Result<> removed = store_.remove(web);
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_FALSE(exists("web"));
  EXPECT_EQ(temp_.content_of("precious/file"), "kept");
  EXPECT_TRUE(store_.claim("web")) << "the id is free again";
}

// Who waited for the lock while the container was removed must not go on with it.
TEST_F(StoreTest, TheLockOfARemovedContainerCannotBeHad) {
  const ContainerDir web = claimed("web");
  const Result<ContainerDir> waiting = store_.find("web");
  ASSERT_TRUE(waiting);
  ASSERT_TRUE(store_.remove(web));
  EXPECT_TRUE(web.lock().error().code() == Errc::NotFound);
}

}  // namespace
}  // namespace brig
