#include "init/channel.h"

#include <gtest/gtest.h>

#include "sys/file.h"
#include "sys/pipe.h"
#include "sys/process.h"

namespace brig {
namespace {

struct Ends {
  InitChannel init;
  ParentChannel parent;
};

Ends connected() {
  auto pair = sys::packet_pair();
  EXPECT_TRUE(pair);
  return {.init = InitChannel(std::move(pair->first)),
          .parent = ParentChannel(std::move(pair->second))};
}

TEST(Channel, AMessageArrivesWithItsFields) {
  Ends ends = connected();
  ASSERT_TRUE(ends.init.send(Failed{.code = Errc::Denied, .err = EACCES, .text = "exec"}));
  const auto message = ends.parent.receive();
  ASSERT_TRUE(message && *message);
  const auto* failed = std::get_if<Failed>(&**message);
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->code, Errc::Denied);
  EXPECT_EQ(failed->err, EACCES);
  EXPECT_EQ(failed->text, "exec");
}

TEST(Channel, DescriptorsStayWithTheirMessage) {
  Ends ends = connected();
  const auto pipe = sys::open_pipe();
  ASSERT_TRUE(pipe);
  const FdRef write = pipe->write;
  ASSERT_TRUE(ends.init.send(RunHooksRequest{}));
  ASSERT_TRUE(ends.init.send(Forked{42}, {&write, 1}));
  std::vector<Fd> fds;
  ASSERT_TRUE(ends.parent.receive(&fds));
  EXPECT_TRUE(fds.empty());
  const auto message = ends.parent.receive(&fds);
  ASSERT_TRUE(message && *message);
  EXPECT_EQ(std::get<Forked>(**message).pid, 42);
  ASSERT_EQ(fds.size(), 1U);
  ASSERT_TRUE(sys::write_all(fds[0], "x"));
  EXPECT_EQ(*sys::read_byte(pipe->read), 'x');
}

TEST(Channel, DescriptorsThatNobodyAskedForAreClosed) {
  Ends ends = connected();
  auto pipe = sys::open_pipe();
  ASSERT_TRUE(pipe);
  const FdRef write = pipe->write;
  ASSERT_TRUE(ends.init.send(Ready{}, {&write, 1}));
  pipe->write.close();
  ASSERT_TRUE(ends.parent.receive());
  EXPECT_EQ(*sys::read_some(pipe->read), "") << "the end of the file: nobody holds it";
}

TEST(Channel, AClosedPeerIsNoMessage) {
  Ends ends = connected();
  ends.init.close();
  const auto message = ends.parent.receive();
  ASSERT_TRUE(message);
  EXPECT_FALSE(*message);
  const Result<Ready> ready = ends.parent.expect<Ready>();
  ASSERT_FALSE(ready);
  EXPECT_EQ(ready.error().message(), "the other process is gone");
  EXPECT_FALSE(ends.parent.send(Go{})) << "and an error, not a SIGPIPE, to who sends";
}

TEST(Channel, WhatAPeerSaidBeforeItClosedIsStillHeard) {
  Ends ends = connected();
  ASSERT_TRUE(ends.parent.send(Go{}));
  ends.parent.close();
  EXPECT_TRUE(ends.init.expect<Go>());
  EXPECT_FALSE(ends.init.expect<Go>());
}

// The kernel then says ECONNRESET first, and gives the message only after that (unix_release).
TEST(Channel, EvenWhenOurLastMessageWasNotRead) {
  Ends ends = connected();
  ASSERT_TRUE(ends.parent.send(Done{}));
  ASSERT_TRUE(ends.init.send(Failed{.text = "why"}));
  ends.init.close();
  const auto message = ends.parent.receive();
  ASSERT_TRUE(message && *message);
  EXPECT_EQ(std::get<Failed>(**message).text, "why");
  const auto end = ends.parent.receive();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
}

TEST(Channel, TheWrongAnswerIsAnError) {
  Ends ends = connected();
  ASSERT_TRUE(ends.parent.send(Done{}));
  const Result<Go> go = ends.init.expect<Go>();
  ASSERT_FALSE(go);
  EXPECT_EQ(go.error().code(), Errc::Protocol);
  EXPECT_EQ(go.error().message(), "unexpected message");
}

TEST(Channel, AskIsSendAndExpect) {
  Ends ends = connected();
  ASSERT_TRUE(ends.parent.send(Done{}));
  EXPECT_TRUE(ends.init.ask<Done>(MapIdsRequest{}));
  const auto asked = ends.parent.receive();
  ASSERT_TRUE(asked && *asked);
  EXPECT_TRUE(std::holds_alternative<MapIdsRequest>(**asked));
}

TEST(Channel, TooLongOrDamagedMessagesAreRefused) {
  Ends ends = connected();
  ASSERT_TRUE(ends.init.send(Failed{.text = std::string(kMaxPacket, 'x')}));
  const auto cut = ends.parent.receive();
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().message(), "recvmsg: a message that is too long");
  ASSERT_TRUE(sys::send_message(ends.init.socket(), "\x7f"));
  const auto damaged = ends.parent.receive();
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code(), Errc::Protocol);
  ASSERT_TRUE(ends.init.send(Ready{}));
  EXPECT_TRUE(ends.parent.receive()) << "the next one is itself again";
}

TEST(Channel, TheLongestFailureFitsIntoAPacket) {
  Ends ends = connected();
  Error error = Error::system(ENOENT, std::string(100'000, 'x'));
  ASSERT_TRUE(ends.init.send(describe_failure(error)));
  const auto message = ends.parent.receive();
  ASSERT_TRUE(message && *message);
  EXPECT_EQ(std::get<Failed>(**message).text.size(), kLongestFailure);
  EXPECT_LT(wire::encode(FromInit(describe_failure(error))).size(), kMaxPacket);
}

}  // namespace
}  // namespace brig
