#include "linux/cgroup/systemd/gvariant.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

DbusValue number(char type, std::uint64_t value) {
  return {.signature = std::string(1, type), .number = value};
}

TEST(Gvariant, WhatAnnotationsSay) {
  const struct {
    const char* text;
    DbusValue value;
  } rows[] = {
      {"true", dbus::boolean(true)},
      {" false ", dbus::boolean(false)},
      {"boolean true", dbus::boolean(true)},
      {"5", number('i', 5)},
      {"-5", number('i', static_cast<std::uint64_t>(-5))},
      {"0x1f", number('i', 31)},
      {"uint64 10000000", dbus::uint64(10'000'000)},
      {"@t 7", dbus::uint64(7)},
      {"byte 255", number('y', 255)},
      {"int64 -9223372036854775808", number('x', std::uint64_t{1} << 63)},
      {"uint64 18446744073709551615", dbus::uint64(~std::uint64_t{0})},
      {"'inactive-or-failed'", dbus::text("inactive-or-failed")},
      {"\"it's\"", dbus::text("it's")},
      {R"('a\'b\\c\n')", dbus::text("a'b\\c\n")},
      {"''", dbus::text("")},
      {"objectpath '/a'", {.signature = "o", .text = "/a"}},
      {"['crio.service']", dbus::strings({"crio.service"})},
      {"['a', \"b\" ,'c']", dbus::strings({"a", "b", "c"})},
      {"@as []", dbus::strings({})},
      {"[uint64 1, uint64 2]", dbus::array("t", {dbus::uint64(1), dbus::uint64(2)})},
      {"@at [1, 2]", dbus::array("t", {dbus::uint64(1), dbus::uint64(2)})},
      {"@aas [['a']]", dbus::array("as", {dbus::strings({"a"})})},
      {"[('/dev/sda', uint64 1)]",
       dbus::array("(st)", {dbus::structure({dbus::text("/dev/sda"), dbus::uint64(1)})})},
  };
  for (const auto& row : rows) {
    const Result<DbusValue> value = parse_gvariant(row.text);
    ASSERT_TRUE(value) << row.text << ": " << value.error().message();
    EXPECT_EQ(*value, row.value) << row.text;
  }
}

TEST(Gvariant, WhatIsNoValueIsNamed) {
  const struct {
    const char* text;
    const char* message;
  } rows[] = {
      {"", "a value is missing"},
      {"uint64", "a value is missing"},
      {"yes", "'yes' is no value"},
      {"5 6", "'6' after the value"},
      {"'a", "a string without its end"},
      {"['a' 'b']", "an array without its end"},
      {"['a', 5]", "'5' where the type is s"},
      {"[]", "an empty array needs its type: @as []"},
      {"@as ['a', 5]", "'5' where the type is s"},
      {"@zz 5", "'@zz' is no type that can be written here"},
      {"@ 5", "'@' is no type that can be written here"},
      {"()", "an empty tuple"},
      {"('a'", "a tuple without its end"},
      {"3000000000", "3000000000 is not in the range of int32"},
      {"byte 256", "256 is not in the range of byte"},
      {"uint32 -1", "-1 is not in the range of uint32"},
      {"uint64 18446744073709551616", "18446744073709551616 is not in the range of uint64"},
      {"uint64 'a'", "a string where the type is t"},
      {"string true", "a boolean of type s"},
      {"@t ['a']", "an array of type t"},
      {"@t (1,2)", "a tuple (ii) where the type is t"},
      {"1.5", "'1.5' is no value"},
      {"[[[[[[[[[[1]]]]]]]]]]", "too many brackets"},
  };
  for (const auto& row : rows) {
    const Result<DbusValue> value = parse_gvariant(row.text);
    ASSERT_FALSE(value) << row.text;
    EXPECT_EQ(value.error().message(), row.message) << row.text;
  }
}

}  // namespace
}  // namespace brig
