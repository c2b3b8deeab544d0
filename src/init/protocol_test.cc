// The picture at the top of protocol.h names the messages that exist, and no others.
#include "init/protocol.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sys/file.h"

namespace brig {
namespace {

using Names = std::vector<std::string>;

std::string header() {
  const Result<std::string> text =
      sys::read_file_at(FdRef::cwd(), BRIG_SOURCE_DIR "/src/init/protocol.h");
  EXPECT_TRUE(text);
  return text ? *text : std::string();
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string first_word(std::string_view text) {
  const auto* begin = std::ranges::find_if(text, is_letter);
  const auto* end = std::find_if_not(begin, text.end(), is_letter);
  return {begin, end};
}

Names sorted_once(Names names) {
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

// Of the lines with an arrow: the word on the side that it comes from.
Names drawn(const std::string& text, bool from_init) {
  Names names;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    const bool to_parent = line.contains("-->"), to_init = line.contains("<--");
    if (from_init && to_parent) names.push_back(first_word(line));
    if (!from_init && to_init) names.push_back(first_word(line.substr(line.find("<--"))));
  }
  return sorted_once(std::move(names));
}

// Of "using NAME = std::variant<A, B>;"
Names alternatives(const std::string& text, const std::string& name) {
  constexpr std::string_view kVariant = "std::variant<";
  const std::size_t begin = text.find(kVariant, text.find(cat("using ", name, " ")));
  const std::size_t end = text.find('>', begin);
  Names names;
  for (std::size_t at = begin + kVariant.size(); at < end; at = text.find(',', at) + 1) {
    names.push_back(first_word(std::string_view(text).substr(at, end - at)));
    if (text.find(',', at) > end) break;
  }
  return sorted_once(std::move(names));
}

TEST(Protocol, ThePictureNamesEveryMessageOfInit) {
  const std::string text = header();
  EXPECT_EQ(drawn(text, true), alternatives(text, "FromInit"));
  EXPECT_EQ(alternatives(text, "FromInit").size(), std::variant_size_v<FromInit>);
}

TEST(Protocol, AndEveryMessageOfTheParent) {
  const std::string text = header();
  EXPECT_EQ(drawn(text, false), alternatives(text, "FromParent"));
  EXPECT_EQ(alternatives(text, "FromParent").size(), std::variant_size_v<FromParent>);
}

}  // namespace
}  // namespace brig
