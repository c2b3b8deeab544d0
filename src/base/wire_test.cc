#include "base/wire.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

enum class Color : std::uint8_t { Red, Green, Blue };
using Colors = EnumSet<Color>;

struct Small {
  std::int32_t a = 0;
  std::string b;
  bool operator==(const Small&) const = default;
};

template <class T>
void expect_round_trip(const T& value) {
  const Result<T> back = wire::decode<T>(wire::encode(value));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, value);
}

TEST(Wire, CarriesEveryKindOfField) {
  expect_round_trip(std::int8_t{-3});
  expect_round_trip(~std::uint64_t{0});
  expect_round_trip(std::string("with \0 in it", 12));
  expect_round_trip(std::vector<std::uint64_t>{1, 2, 3});
  expect_round_trip(std::vector<std::string>{"", "a", "bc"});
  expect_round_trip(std::map<std::string, std::string>{{"a", "b"}, {"c", ""}});
  expect_round_trip(std::optional<std::uint32_t>{});
  expect_round_trip(std::optional<Small>{{.a = -1, .b = "x"}});
  expect_round_trip(std::variant<Small, std::string>{std::string("second")});
  expect_round_trip(Color::Blue);
  expect_round_trip(Colors{Color::Red, Color::Blue});
  expect_round_trip(Small{.a = 5, .b = "y"});
}

TEST(Wire, TooShortOrTooLongDataIsAnError) {
  const Result<std::uint32_t> shorter = wire::decode<std::uint32_t>("abc");
  ASSERT_FALSE(shorter);
  EXPECT_EQ(shorter.error().code(), Errc::Protocol);
  EXPECT_EQ(shorter.error().message(), "decode: damaged data");
  EXPECT_FALSE(wire::decode<std::uint32_t>("abcde"));
}

TEST(Wire, ACountBeyondTheDataIsAnErrorAndNotAnAllocation) {
  const std::string huge("\xff\xff\xff\xff", 4);
  EXPECT_FALSE(wire::decode<std::string>(huge));
  EXPECT_FALSE(wire::decode<std::vector<std::uint64_t>>(huge));
  EXPECT_FALSE(wire::decode<std::vector<Small>>(huge));
  EXPECT_FALSE((wire::decode<std::map<std::string, std::string>>(huge)));
}

TEST(Wire, AnAlternativeThatDoesNotExistIsAnError) {
  using Either = std::variant<bool, std::uint8_t>;
  EXPECT_TRUE(wire::decode<Either>(std::string(1, '\x01') + '\0'));
  EXPECT_FALSE(wire::decode<Either>(std::string(1, '\x02') + '\0'));
}

// Any other byte in a bool would be undefined behaviour in whoever reads it.
TEST(Wire, ABoolIsZeroOrOne) {
  EXPECT_FALSE(wire::decode<bool>("\x02"));
  EXPECT_FALSE(wire::decode<std::optional<std::uint8_t>>("\x02\x07"));
  EXPECT_TRUE(wire::decode<bool>("\x01"));
}

struct Nested {
  std::vector<Small> list;
  std::map<std::string, Small> map;
  std::optional<std::variant<bool, Small>> maybe;
  Colors colors;
};

// What is decoded is either refused, or something that can be encoded again.
TEST(Wire, DamagedDataNeverDoesHarm) {
  const Nested value{.list = {{1, "a"}, {2, "bc"}},
                     .map = {{"k", {3, ""}}},
                     .maybe = Small{4, "d"},
                     .colors = {Color::Green}};
  std::string bytes = wire::encode(value);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(wire::decode<Nested>(std::string_view(bytes).substr(0, size))) << size;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const char right = bytes[at];
    for (int wrong = 0; wrong < 256; ++wrong) {
      bytes[at] = static_cast<char>(wrong);
      const Result<Nested> back = wire::decode<Nested>(bytes);
      EXPECT_TRUE(!back || !wire::encode(*back).empty());
    }
    bytes[at] = right;
  }
}

}  // namespace
}  // namespace brig
