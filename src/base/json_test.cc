#include "base/json.h"

#include <gtest/gtest.h>

namespace brig::json {
namespace {

std::string error_of(std::string_view source) {
  const Result<Node> node = parse(source);
  if (node) return "no error";
  EXPECT_EQ(node.error().code(), Errc::BadConfig);
  return node.error().message();
}

Node parsed(std::string_view source) {
  Result<Node> node = parse(source);
  EXPECT_TRUE(node) << (node ? "" : node.error().message());
  return node ? std::move(*node) : Node{};
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  while (times-- > 0) out += text;
  return out;
}

TEST(JsonParse, EveryKindOfValueKeepsItsValueAndOffset) {
  const Node root =
      parsed(R"({"n": null, "t":true,"f":false , "s":"x", "i": 12, "r":1.5e3, "a":[1,[]]})");
  ASSERT_EQ(root.kind, Kind::Object);
  ASSERT_EQ(root.members.size(), 7u);
  EXPECT_EQ(root.find("n")->kind, Kind::Null);
  EXPECT_TRUE(root.find("t")->boolean);
  EXPECT_EQ(root.find("f")->kind, Kind::Bool);
  EXPECT_FALSE(root.find("f")->boolean);
  EXPECT_EQ(root.find("s")->text, "x");
  EXPECT_EQ(root.find("i")->magnitude, 12u);
  EXPECT_EQ(root.find("r")->kind, Kind::Real);
  EXPECT_EQ(root.find("r")->text, "1.5e3");
  EXPECT_EQ(root.find("a")->items.size(), 2u);
  EXPECT_EQ(root.find("missing"), nullptr);

  const std::pair<const char*, std::size_t> offsets[] = {{"n", 6},  {"t", 16}, {"f", 25}, {"s", 37},
                                                         {"i", 47}, {"r", 55}, {"a", 66}};
  for (const auto& [key, offset] : offsets) EXPECT_EQ(root.find(key)->offset, offset) << key;
  EXPECT_EQ(root.find("a")->items[1].offset, 69u);
  EXPECT_EQ(root.offset, 0u);
}

TEST(JsonParse, OffsetsOfStringsWithEscapesAreThoseOfTheOpeningQuote) {
  const Node root = parsed(R"(["\"\"x", "é\u00e9\n", "\ud83d\ude00", 7])");
  EXPECT_EQ(root.items[0].text, "\"\"x");
  EXPECT_EQ(root.items[1].text, "éé\n");
  EXPECT_EQ(root.items[2].text, "😀");
  EXPECT_EQ(root.items[0].offset, 1u);
  EXPECT_EQ(root.items[1].offset, 10u);
  EXPECT_EQ(root.items[2].offset, 24u);
  EXPECT_EQ(root.items[3].offset, 40u);
}

TEST(JsonParse, IntegersAreExactUpToSixtyFourBits) {
  const struct {
    const char* source;
    bool negative;
    std::uint64_t magnitude;
  } cases[] = {
      {"0", false, 0},
      {"-1", true, 1},
      {"2147483648", false, 2147483648u},
      {"-2147483649", true, 2147483649u},
      {"9223372036854775807", false, 9223372036854775807u},
      {"-9223372036854775808", true, 9223372036854775808u},
      {"18446744073709551615", false, 18446744073709551615u},
  };
  for (const auto& test : cases) {
    const Node node = parsed(test.source);
    EXPECT_EQ(node.kind, Kind::Integer) << test.source;
    EXPECT_EQ(node.negative, test.negative) << test.source;
    EXPECT_EQ(node.magnitude, test.magnitude) << test.source;
  }
  for (const char* beyond : {"18446744073709551616", "-9223372036854775809", "1.0", "1e3", "1E3"}) {
    const Node node = parsed(beyond);
    EXPECT_EQ(node.kind, Kind::Real) << beyond;
    EXPECT_EQ(node.text, beyond);
  }
}

TEST(JsonParse, TheLastOfSeveralMembersWithOneNameWins) {
  const Node small = parsed(R"({"a":1,"b":2,"a":3})");
  ASSERT_EQ(small.members.size(), 2u);
  EXPECT_EQ(small.members[0].key, "b");
  EXPECT_EQ(small.find("a")->magnitude, 3u);

  std::string many = "{";
  for (int i = 0; i < 100; ++i) many += cat("\"k", i % 40, "\":", i, i < 99 ? "," : "}");
  const Node large = parsed(many);
  EXPECT_EQ(large.members.size(), 40u);
  EXPECT_EQ(large.find("k5")->magnitude, 85u);
  EXPECT_EQ(large.find("k39")->magnitude, 79u);
}

TEST(JsonParse, EveryErrorNamesLineColumnAndCause) {
  const std::string deep = repeat("[", 129);
  const struct {
    std::string_view source;
    const char* error;
  } cases[] = {
      {"", "1:1: empty file"},
      {" \n\t", "1:1: empty file"},
      {"\xEF\xBB\xBF{}", "1:1: starts with a byte order mark; save it as UTF-8 without one"},
      {"{]", "1:2: expected a member name in double quotes"},
      {"{\"a\":1,}", "1:8: expected a member name in double quotes"},
      {"{\"a\" 1}", "1:6: expected ':'"},
      {"{\"a\":1 \"b\":2}", "1:8: expected ',' or '}'"},
      {"[1 2]", "1:4: expected ',' or ']'"},
      {"[1,]", "1:4: expected a value"},
      {"[1,\n  x]", "2:3: expected a value"},
      {"// hi\n{}", "1:1: expected a value"},
      {"[tru]", "1:5: expected a value"},
      {"[01]", "1:3: expected ',' or ']'"},
      {"[1.]", "1:4: expected a digit"},
      {"[1e]", "1:4: expected a digit"},
      {"[1e999]", "1:2: number out of range"},
      {"1e999", "1:1: number out of range"},
      {"[+1]", "1:2: expected a value"},
      {"[NaN]", "1:2: expected a value"},
      {"{} {}", "1:4: text after the end of the value"},
      {"{}x", "1:3: text after the end of the value"},
      {"{\"a\": [1, 2", "1:12: unexpected end of file"},
      {"{\"a\"", "1:5: unexpected end of file"},
      {"[\"abc", "1:6: unexpected end of file"},
      {"[\"ab\\", "1:6: unexpected end of file"},
      {"[\"\\q\"]", "1:3: invalid escape in a string"},
      {"[\"\\u12x4\"]", "1:3: expected four hex digits"},
      {"[\"\\ud800\"]", "1:3: half of a surrogate pair"},
      {"[\"\\udc00\"]", "1:10: half of a surrogate pair"},
      {"{\"\\ud41d\\ude00\": 1}", "1:16: half of a surrogate pair"},
      {"[\"a\tb\"]", "1:4: control character in a string"},
      {"[\"a\nb\"]", "1:4: control character in a string"},
      {"[\"a\xFFz\"]", "1:4: invalid UTF-8"},
      {"[\"\xC0\xAF\"]", "1:3: invalid UTF-8"},
      {"[\"\xED\xA0\x80\"]", "1:3: invalid UTF-8"},
      {"[\"\xF4\x90\x80\x80\"]", "1:3: invalid UTF-8"},
      {"[\"\xE2\x82", "1:3: invalid UTF-8"},
      {std::string_view("{\0}", 3), "1:2: NUL byte"},
      {std::string_view("{}\0", 3), "1:3: NUL byte"},
      {std::string_view("[\"a\0\"]", 6), "1:4: NUL byte"},
      {deep, "1:129: nested deeper than 128 levels"},
  };
  for (const auto& test : cases) EXPECT_EQ(error_of(test.source), test.error) << test.source;
}

TEST(JsonParse, NestingUpTo128LevelsIsAccepted) {
  EXPECT_TRUE(parse(repeat("[", 128) + repeat("]", 128)));
  EXPECT_TRUE(parse(repeat("{\"a\":", 127) + "[]" + repeat("}", 127)));
}

TEST(JsonParse, HostileInputIsRefusedBeforeItCostsMuch) {
  EXPECT_EQ(error_of(std::string(std::size_t{64} << 20, ' ')), "1:1: larger than 16 MiB");
  EXPECT_EQ(error_of(repeat("[", 300'000)), "1:129: nested deeper than 128 levels");
  EXPECT_EQ(error_of(repeat("{\"a\":", 300'000)), "1:641: nested deeper than 128 levels");
  EXPECT_EQ(error_of("[" + repeat("1,", 300'000)), "1:524289: more than 262144 values");
  EXPECT_EQ(error_of("[" + repeat("{},", 300'000)), "1:786431: more than 262144 values");
  EXPECT_EQ(error_of("\"" + repeat("x", 1'000'000)), "1:1000002: unexpected end of file");
  EXPECT_EQ(error_of("0." + repeat("0", 1'000'000) + "x"),
            "1:1000003: text after the end of the value");
  std::string members = "{";
  for (int i = 0; i < 50'000; ++i) members += cat("\"", i, "\":0,");
  EXPECT_EQ(parsed(members + "\"7\":1}").find("7")->magnitude, 1u);
}

TEST(JsonPosition, LinesAndColumnsCountFromOneInBytes) {
  constexpr std::string_view kSource = "ab\nc\n\nd";
  const std::pair<std::size_t, Position> cases[] = {{0, {1, 1}}, {1, {1, 2}}, {2, {1, 3}},
                                                    {3, {2, 1}}, {5, {3, 1}}, {6, {4, 1}},
                                                    {7, {4, 2}}, {99, {4, 2}}};
  for (const auto& [offset, expected] : cases) {
    const Position at = position_of(kSource, offset);
    EXPECT_EQ(at.line, expected.line) << offset;
    EXPECT_EQ(at.column, expected.column) << offset;
  }
}

TEST(JsonLocate, APathFindsItsValueOrTheDeepestPartThatExists) {
  constexpr std::string_view kSource =
      "{\n"                                              // 1
      "  \"process\": {\n"                               // 2
      "    \"rlimits\": [\n"                             // 3
      "      {\"type\": \"A\"}, {\"type\": \"B\"}\n"     // 4
      "    ]\n"                                          // 5
      "  },\n"                                           // 6
      "  \"sysctl\": {\"a.b\": 1, \"a\": {\"b\": 2}}\n"  // 7
      "}\n";
  const struct {
    const char* path;
    std::size_t line, column;
  } cases[] = {
      {"", 1, 1},
      {"process", 2, 14},
      {"process.rlimits", 3, 16},
      {"process.rlimits[0]", 4, 7},
      {"process.rlimits[1].type", 4, 31},
      {"process.rlimits[1].soft", 4, 22},
      {"process.rlimits[2].type", 3, 16},
      {"process.rlimits[x]", 3, 16},
      {"process.rlimits[", 3, 16},
      {"sysctl[\"a.b\"]", 7, 21},
      {"sysctl[\"a.c\"]", 7, 13},
      {"sysctl.a.b", 7, 21},
      {"nothing.at.all", 1, 1},
      {"[0]", 1, 1},
  };
  for (const auto& test : cases) {
    const Position at = locate(kSource, test.path);
    EXPECT_EQ(at.line, test.line) << test.path;
    EXPECT_EQ(at.column, test.column) << test.path;
  }
}

TEST(JsonWriter, CompactOutputHasNoBlanks) {
  Writer w;
  w.begin_object();
  w.member("id", "web");
  w.member("pid", 7);
  w.member("up", true);
  w.key("none");
  w.null();
  w.key("list");
  w.begin_array();
  w.value(std::int64_t{-5});
  w.value(std::uint64_t{18446744073709551615u});
  w.begin_object();
  w.end_object();
  w.end_array();
  w.end_object();
  EXPECT_EQ(w.text(),
            R"({"id":"web","pid":7,"up":true,"none":null,"list":[-5,18446744073709551615,{}]})");
}

TEST(JsonWriter, PrettyOutputIsThatOfGo) {
  const auto write = [](Writer w) {
    w.begin_object();
    w.member("a", 1);
    w.strings("list", std::vector<std::string>{"x", "y"});
    w.strings("empty", std::vector<std::string>{});
    w.key("object");
    w.begin_object();
    w.end_object();
    w.end_object();
    return w.take();
  };
  EXPECT_EQ(write(Writer({.spaces = 2})),
            "{\n  \"a\": 1,\n  \"list\": [\n    \"x\",\n    \"y\"\n  ],\n  \"empty\": [],\n"
            "  \"object\": {}\n}");
  EXPECT_EQ(write(Writer({.tab = true})),
            "{\n\t\"a\": 1,\n\t\"list\": [\n\t\t\"x\",\n\t\t\"y\"\n\t],\n\t\"empty\": [],\n"
            "\t\"object\": {}\n}");
  EXPECT_EQ(write(Writer({.spaces = 0})), R"({"a":1,"list":["x","y"],"empty":[],"object":{}})");
}

TEST(JsonWriter, OnlyWhatJsonDemandsIsEscaped) {
  const std::pair<std::string_view, const char*> cases[] = {
      {"a/b<c>&'", R"("a/b<c>&'")"},
      {"\"\\\n\r\t", R"("\"\\\n\r\t")"},
      {std::string_view("\0\x1f\x7f", 3), "\"\\u0000\\u001f\x7f\""},
      {"é😀", "\"é😀\""},
      {"a\xFFz\xE2\x82", R"("a\ufffdz\ufffd\ufffd")"},
  };
  for (const auto& [text, expected] : cases) {
    Writer w;
    w.value(text);
    EXPECT_EQ(w.text(), expected);
    EXPECT_TRUE(parse(w.text())) << expected;
  }
}

TEST(JsonWriter, WritesATreeAsItWasRead) {
  const std::string text =
      R"({"a":[1,-2,18446744073709551615,-9223372036854775808,1.50e3,null,true,false],"b":{},)"
      R"("c":{"d":"x\"\n","":[]}})";
  const Result<Node> tree = parse(text);
  ASSERT_TRUE(tree);
  Writer writer;
  writer.value(*tree);
  EXPECT_EQ(writer.take(), text);
}

}  // namespace
}  // namespace brig::json
