#include "runtime/notify.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "sys/file.h"
#include "sys/pipe.h"
#include "sys/process.h"
#include "sys/socket.h"

namespace brig::runtime {
namespace {

TEST(ReadinessLine, IsTheFirstLineThatBeginsWithReady) {
  EXPECT_EQ(readiness_line("READY=1"), "READY=1");
  EXPECT_EQ(readiness_line("READY=1\n"), "READY=1");
  EXPECT_EQ(readiness_line("STATUS=warming up\nREADY=1\nWATCHDOG=1"), "READY=1");
  EXPECT_EQ(readiness_line("\n\nREADY=1\nREADY=2"), "READY=1");
}

TEST(ReadinessLine, IsEmptyForEverythingElse) {
  for (const char* message : {"", "\n", "STATUS=READY=1", " READY=1", "ready=1", "READY", "READ"})
    EXPECT_EQ(readiness_line(message), "") << message;
}

// What the host trusts its socket with must not be reachable through the value.
TEST(ReadinessLine, NeverHoldsASecondAssignment) {
  EXPECT_EQ(readiness_line("READY=1\nMAINPID=1"), "READY=1");
  EXPECT_EQ(readiness_line("READY=\nFDSTORE=1"), "READY=");
}

TEST(NotifyMount, IsTheLastAndCannotBeWrittenTo) {
  MountPlan plan;
  plan.trees.push_back({.source = "/bundle/rootfs"});
  plan.steps.push_back({.target = {"/run"}, .what = NewFilesystem{.type = "tmpfs"}});
  add_notify_mount(plan, "/run/brig/web/notify");
  ASSERT_EQ(plan.trees.size(), 2U);
  EXPECT_EQ(plan.trees[1].source, "/run/brig/web/notify");
  EXPECT_FALSE(plan.trees[1].follow);
  EXPECT_EQ(plan.trees[1].attributes, (MountAttributes{.set = 0xf, .propagation = MS_PRIVATE}));
  ASSERT_EQ(plan.steps.size(), 2U);
  EXPECT_EQ(plan.steps[1].target.text, "/run/notify");
  EXPECT_EQ(std::get<TreeSlot>(plan.steps[1].what).index, 1U);
  EXPECT_EQ(plan.steps[1].propagation, std::uint64_t{MS_PRIVATE});
}

// The three parties: a program, the relay and the host.
class Relaying : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "brig-notify-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    Result<Fd> dir = sys::open_at(FdRef::cwd(), folder_, O_RDONLY | O_DIRECTORY);
    ASSERT_TRUE(dir) << dir.error().message();
    container_ = ContainerDir(std::move(*dir), "web");
    host_path_ = folder_ + "/host.sock";
    Result<Fd> host = sys::bind_datagram(host_path_);
    ASSERT_TRUE(host) << host.error().message();
    host_ = std::move(*host);
    settings_.log = [this](LogLevel, std::string_view line) { logged_.emplace_back(line); };
  }

  void TearDown() override {
    const Result<Store> above = Store::open(testing::TempDir());
    const std::string name = folder_.substr(folder_.find_last_of('/') + 1);
    const Result<ContainerDir> dir = above->find(name);
    ASSERT_TRUE(above->remove(*dir));
  }

  NotifyRelay open_relay(const std::string& host) {
    Result<NotifyRelay> relay =
        NotifyRelay::open(settings_, container_, {.socket = host, .main_pid = 4711});
    EXPECT_TRUE(relay) << relay.error().message();
    return std::move(*relay);
  }

  NotifyRelay open_relay() {
    EXPECT_TRUE(make_notify_dir(container_));
    return open_relay(host_path_);
  }

  void say(std::string_view message) {
    const Result<> sent = sys::send_datagram_to(folder_ + "/notify/notify.sock", message);
    ASSERT_TRUE(sent) << sent.error().message();
  }

  // What has arrived at the host so far, without descriptors.
  std::vector<std::string> heard() {
    std::vector<std::string> messages;
    while ((*sys::wait_readable({host_}, 0))[0])
      messages.push_back(sys::receive_message(host_, 4096)->data);
    return messages;
  }

  std::string folder_, host_path_;
  ContainerDir container_;
  Fd host_;
  Settings settings_;
  std::vector<std::string> logged_;
};

using Messages = std::vector<std::string>;

TEST_F(Relaying, TellsReadinessTheMainProcessAndABarrier) {
  NotifyRelay relay = open_relay();
  say("STATUS=nearly\nREADY=1\nMAINPID=1");
  relay.take_message();
  EXPECT_EQ(heard(), (Messages{"READY=1\n", "MAINPID=4711\n", "BARRIER=1"}));
  relay.finish();
  EXPECT_EQ(logged_, Messages());
}

TEST_F(Relaying, PassesNothingElseOnAndReadinessOnce) {
  NotifyRelay relay = open_relay();
  say("STATUS=nearly");
  say("");
  say(std::string(5000, 'x') + "\nREADY=1");
  for (int i = 0; i < 3; ++i) relay.take_message();
  EXPECT_EQ(heard(), Messages());
  say("READY=1");
  say("READY=2");
  for (int i = 0; i < 2; ++i) relay.take_message();
  EXPECT_EQ(heard().size(), 3U);
}

// A program that waits at a barrier of its own goes on as soon as its message is read.
TEST_F(Relaying, DescriptorsThatComeAlongAreClosed) {
  NotifyRelay relay = open_relay();
  Result<sys::PipeEnds> pipe = sys::open_pipe();
  ASSERT_TRUE(pipe);
  const FdRef barrier = pipe->write;
  ASSERT_TRUE(sys::send_datagram_to(folder_ + "/notify/notify.sock", "BARRIER=1", {&barrier, 1}));
  pipe->write.close();
  EXPECT_FALSE((*sys::wait_readable({pipe->read}, 0))[0]);
  relay.take_message();
  EXPECT_TRUE((*sys::wait_readable({pipe->read}, 0))[0]);
  EXPECT_EQ(heard(), Messages());
}

TEST_F(Relaying, TakesWhatWasSaidLastBeforeItEnds) {
  NotifyRelay relay = open_relay();
  say("STATUS=1");
  say("READY=1");
  // The barrier would be waited for until the host reads; a host that is gone has read all.
  ASSERT_TRUE(sys::unlink_at(FdRef::cwd(), host_path_));
  relay.finish();
  EXPECT_EQ(logged_, (Messages{cat("NOTIFY_SOCKET: send to ", host_path_,
                                   ": sendmsg: no such file or directory (ENOENT)")}));
}

TEST_F(Relaying, WaitsForReadinessOrTheEndOfInit) {
  NotifyRelay relay = open_relay();
  say("READY=1");
  const Result<Fd> self = sys::pidfd_open(::getpid());
  ASSERT_TRUE(relay.wait_until_ready(*self));
  EXPECT_EQ(heard().size(), 3U);

  NotifyRelay unready = open_relay(host_path_);
  Result<sys::Child> child = sys::fork_with(0);
  ASSERT_TRUE(child);
  if (child->pid == 0) ::_exit(0);
  EXPECT_TRUE(unready.wait_until_ready(child->pidfd));
  EXPECT_TRUE(sys::reap(child->pidfd));
  EXPECT_TRUE(unready.wait_until_ready(FdRef::none()));
  EXPECT_EQ(heard(), Messages());
}

TEST_F(Relaying, WithoutATargetOrADirectoryThereIsNothingToRelay) {
  EXPECT_FALSE(open_relay(host_path_));  // the container was created without
  EXPECT_TRUE(make_notify_dir(container_));
  EXPECT_FALSE(open_relay(""));
  EXPECT_TRUE(open_relay(host_path_));
}

TEST_F(Relaying, EveryUserCanReachTheSocketWhateverTheUmask) {
  const mode_t old = sys::set_umask(077);
  const NotifyRelay relay = open_relay();
  sys::set_umask(old);
  EXPECT_EQ(sys::stat_at(container_.dir(), "notify")->st_mode & 07777, 0755U);
  EXPECT_EQ(sys::stat_at(container_.dir(), "notify/notify.sock")->st_mode & 07777, 0777U);
}

}  // namespace
}  // namespace brig::runtime
