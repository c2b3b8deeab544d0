#include "sys/netlink.h"

#include <gtest/gtest.h>

namespace brig::sys::netlink {
namespace {

struct Header {
  std::uint32_t a = 0;
  std::uint16_t b = 0;
};

std::string reply(std::uint16_t type, std::string_view body, std::uint32_t sequence = 7,
                  std::uint16_t flags = 0) {
  std::string out = message(type, flags, body);
  number(out, sequence);
  return out;
}

std::string error_reply(std::int32_t code, const std::string& words = {}) {
  std::string body(sizeof(nlmsgerr), '\0');
  std::memcpy(body.data(), &code, sizeof code);
  std::string out = reply(NLMSG_ERROR, body, 7, words.empty() ? 0 : NLM_F_ACK_TLVS);
  if (!words.empty()) add_text(out, NLMSGERR_ATTR_MSG, words);
  return out;
}

TEST(Netlink, AttributesAreFoundAgain) {
  std::string made = message(16, NLM_F_ACK, Header{.a = 1, .b = 2});
  add_text(made, 3, "eth0");
  add(made, 28, std::uint32_t{9});
  nlmsghdr first{};
  ASSERT_TRUE(read(made, first));
  EXPECT_EQ(first.nlmsg_len, made.size());
  EXPECT_EQ(first.nlmsg_flags, NLM_F_ACK | NLM_F_REQUEST);
  Header header;
  ASSERT_TRUE(read_header(made, header));
  EXPECT_EQ(header.b, 2);
  const std::vector<Attribute> found = attributes(made, sizeof header);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].value, std::string_view("eth0\0", 5));
  EXPECT_EQ(found[1].type, 28);
}

TEST(Netlink, AnAttributeThatIsCutOffIsLeftOut) {
  std::string made = message(16, 0, Header{});
  add_text(made, 3, "eth0");
  for (std::size_t size = 0; size + 3 < made.size(); ++size)
    EXPECT_TRUE(attributes(std::string_view(made).substr(0, size), sizeof(Header)).empty()) << size;
}

TEST(NetlinkReply, EndsWithAnAcknowledgement) {
  Reply answer(7);
  ASSERT_TRUE(answer.take(reply(16, "link") + reply(16, "more", 6)));
  EXPECT_FALSE(answer.is_complete());
  ASSERT_TRUE(answer.take(error_reply(0)));
  EXPECT_TRUE(answer.is_complete());
  EXPECT_EQ(answer.messages(), std::vector<std::string>{reply(16, "link")});
}

TEST(NetlinkReply, ADumpEndsWithDone) {
  Reply answer(7);
  ASSERT_TRUE(answer.take(reply(20, "one") + reply(20, "two") + reply(NLMSG_DONE, "\0\0\0\0")));
  EXPECT_TRUE(answer.is_complete());
  EXPECT_EQ(answer.messages().size(), 2U);
}

TEST(NetlinkReply, AListThatHasChangedMeanwhileIsNoList) {
  Reply answer(7);
  ASSERT_TRUE(answer.take(reply(20, "one", 7, NLM_F_DUMP_INTR)));
  EXPECT_EQ(answer.take(reply(NLMSG_DONE, "")).error().sys_errno(), EINTR);
}

TEST(NetlinkReply, AnErrorHasTheKernelsWords) {
  Reply plain(7), worded(7);
  EXPECT_EQ(plain.take(error_reply(-ENODEV)).error().message(), "netlink: no such device (ENODEV)");
  EXPECT_EQ(worded.take(error_reply(-EINVAL, "The interface netns is immutable")).error().message(),
            "The interface netns is immutable: invalid argument (EINVAL)");
}

TEST(NetlinkReply, ACutOffMessageIsAnError) {
  const std::string whole = reply(16, "link");
  for (std::size_t size = sizeof(nlmsghdr); size < whole.size(); ++size)
    EXPECT_FALSE(Reply(7).take(std::string_view(whole).substr(0, size))) << size;
}

}  // namespace
}  // namespace brig::sys::netlink
