#include "linux/cgroup/systemd/message.h"

#include <gtest/gtest.h>

#include <numeric>

namespace brig {
namespace {

using namespace std::string_literals;

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += kDigits[static_cast<std::uint8_t>(c) >> 4];
    out += kDigits[static_cast<std::uint8_t>(c) & 15];
  }
  return out;
}

// The bytes of the arguments, as they stand in a call after its header.
std::string body_of(std::vector<DbusValue> arguments) {
  std::string signature;
  for (const DbusValue& argument : arguments) signature += argument.signature;
  const std::string call = encode_call({.destination = "d",
                                        .path = "/",
                                        .interface = "i.i",
                                        .member = "M",
                                        .arguments = std::move(arguments)},
                                       1);
  const DbusMessage message = decode_message(call).value();
  EXPECT_EQ(message.signature, signature);
  return hex(message.body);
}

TEST(DbusMessage, ACallWithoutArgumentsHasThisHeader) {
  const std::string call =
      encode_call({.destination = "a.b", .path = "/x", .interface = "c.d", .member = "Go"}, 0x0102);
  EXPECT_EQ(hex(call),
            "6c010001"  // little endian, call, no flags, version 1
            "00000000"  // no body
            "02010000"  // serial
            "3c000000"  // length of the fields
            "01016f00"
            "02000000"
            "2f780000"
            "00000000"  // path
            "02017300"
            "03000000"
            "632e6400"
            "00000000"  // interface
            "03017300"
            "02000000"
            "476f0000"
            "00000000"  // member
            "06017300"
            "03000000"
            "612e6200"
            "00000000");  // destination
}

struct ValueRow {
  const char* what;
  DbusValue value;
  const char* bytes;
};

TEST(DbusMessage, ValuesAreWrittenWithTheirAlignment) {
  const ValueRow rows[] = {
      {"byte", {.signature = "y", .number = 0xab}, "ab"},
      {"boolean", dbus::boolean(true), "01000000"},
      {"uint32", dbus::uint32(0x01020304), "04030201"},
      {"uint64", dbus::uint64(0x0102030405060708), "0807060504030201"},
      {"int16", {.signature = "n", .number = static_cast<std::uint64_t>(-2)}, "feff"},
      {"text", dbus::text("abc"), "0300000061626300"},
      {"signature", {.signature = "g", .text = "as"}, "02617300"},
      {"no strings", dbus::strings({}), "00000000"},
      {"strings", dbus::strings({"a", "bc"}),
       "0f000000"
       "0100000061000000"
       "02000000626300"},
      {"bytes", dbus::bytes({1, 2, 255}), "030000000102ff"},
      {"an empty array of structures is padded", dbus::array("(ss)", {}), "0000000000000000"},
      {"structure", dbus::structure({dbus::text("a"), dbus::uint64(7)}),
       "01000000"
       "61000000"
       "0700000000000000"},
      {"variant", dbus::variant(dbus::uint64(5)),
       "01740000"
       "00000000"
       "0500000000000000"},
      {"property", dbus::structure({dbus::text("P"), dbus::variant(dbus::boolean(false))}),
       "01000000"
       "5000"
       "01620000"
       "0000"
       "00000000"},
  };
  for (const ValueRow& row : rows) EXPECT_EQ(body_of({row.value}), row.bytes) << row.what;
}

TEST(DbusMessage, ArgumentsFollowEachOtherAligned) {
  EXPECT_EQ(body_of({{.signature = "y", .number = 1}, dbus::uint64(2)}),
            "0100000000000000"
            "0200000000000000");
}

TEST(DbusMessage, WhatIsWrittenCanBeRead) {
  const std::vector<DbusValue> values = {
      dbus::text("brig-web.scope"),
      dbus::array("(sv)", {dbus::structure({dbus::text("A"), dbus::variant(dbus::strings({"x"}))}),
                           dbus::structure({dbus::text("B"), dbus::variant(dbus::uint64(9))})}),
      dbus::array("(sa(sv))", {})};
  const std::string call = encode_call(
      {.destination = "d", .path = "/p", .interface = "i.j", .member = "M", .arguments = values},
      3);
  EXPECT_EQ(dbus_message_size(call).value(), call.size());
  const DbusMessage message = decode_message(call).value();
  EXPECT_EQ(message.type, DbusType::Call);
  EXPECT_EQ(message.path, "/p");
  EXPECT_EQ(message.interface, "i.j");
  EXPECT_EQ(message.member, "M");
  EXPECT_EQ(message.signature, "sa(sv)a(sa(sv))");
  EXPECT_EQ(decode_body(message).value(), values);
}

DbusMessage with_body(std::string signature, std::string body) {
  return {.signature = std::move(signature), .body = std::move(body)};
}

TEST(DbusMessage, ABodyThatLiesIsRefused) {
  const struct {
    const char* signature;
    std::string body;
    const char* message;
  } rows[] = {
      {"u", "\1\0\0"s, "a malformed D-Bus message: it ends too early"},
      {"s",
       "\xff\xff\xff\xff"s
       "a\0"s,
       "a malformed D-Bus message: a text is longer than the message"},
      {"s", "\1\0\0\0ab"s, "a malformed D-Bus message: a text has no end"},
      {"s", "\2\0\0\0a\0\0"s, "a malformed D-Bus message: a text has no end"},
      {"as", "\xff\0\0\0"s, "a malformed D-Bus message: an array is longer than the message"},
      {"au", "\2\0\0\0\1\0\0\0"s, "a malformed D-Bus message: an array's length is wrong"},
      {"v", "\2uu\0\0\0\0\0"s, "a malformed D-Bus message: a variant's type is wrong"},
      {"v", "\0\0"s, "a malformed D-Bus message: a variant's type is wrong"},
      {"a", "\0\0\0\0"s, "a malformed D-Bus message: a signature is wrong"},
      {"()", "\0\0\0\0"s, "a malformed D-Bus message: a signature is wrong"},
      {"(u", "\0\0\0\0"s, "a malformed D-Bus message: a signature is wrong"},
      {"Z", "\0\0\0\0"s, "a malformed D-Bus message: a signature is wrong"},
      {"u", "\1\0\0\0\0"s, "a malformed D-Bus message: its body is longer than it says"},
  };
  for (const auto& row : rows) {
    const auto values = decode_body(with_body(row.signature, row.body));
    ASSERT_FALSE(values) << row.message;
    EXPECT_EQ(values.error().message(), row.message) << row.signature;
  }
}

TEST(DbusMessage, AVariantInAVariantHasAnEnd) {
  std::string body;
  for (int i = 0; i < 100; ++i) body += "\1v\0"s;
  const auto values = decode_body(with_body("v", body + "\1y\0\0"s));
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().message(), "a malformed D-Bus message: it nests too deeply");
}

TEST(DbusMessage, AHeaderThatLiesIsRefused) {
  const std::string call =
      encode_call({.destination = "a.b", .path = "/x", .interface = "c.d", .member = "Go"}, 1);
  const auto changed = [&](std::size_t at, char value) {
    std::string bytes = call;
    bytes[at] = value;
    return bytes;
  };
  EXPECT_EQ(dbus_message_size(changed(0, 'B')).error().message(),
            "a malformed D-Bus message: it is not little endian");
  EXPECT_EQ(dbus_message_size(changed(3, 2)).error().message(),
            "a malformed D-Bus message: it is not of protocol version 1");
  EXPECT_EQ(dbus_message_size(changed(7, 0x7f)).error().message(),
            "a malformed D-Bus message: its 2130706492 bytes are too many");
  EXPECT_EQ(dbus_message_size("l").error().message(),
            "a malformed D-Bus message: it ends too early");
  EXPECT_EQ(decode_message(call + "x").error().message(),
            "a malformed D-Bus message: its length is wrong");
  EXPECT_FALSE(decode_message(changed(12, 0x3b)));
}

}  // namespace
}  // namespace brig
