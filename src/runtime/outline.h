// A text of titles with lines below them; a title without lines does not appear.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace brig::runtime {

class Outline {
 public:
  void title(std::string text) { title_ = std::move(text); }

  template <class... Parts>
  void line(const Parts&... parts) {
    add(2, cat(parts...));
  }
  // One level further in.
  template <class... Parts>
  void below(const Parts&... parts) {
    add(4, cat(parts...));
  }
  // "  LABEL: a b c", with as many lines as the words need.
  void words(std::string_view label, const std::vector<std::string>& words);

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void add(std::size_t indent, std::string_view text);

  std::string title_, out_;
};

// In double quotes, on one line whatever it holds: a configuration's text can be anything.
std::string quoted(std::string_view text);
// As it is, when nothing in it could be mistaken for something else; quoted otherwise.
std::string plain_or_quoted(std::string_view text);
// "0755"
std::string octal(std::uint32_t number);

}  // namespace brig::runtime
