// A text of titles with lines below them; a title without lines does not appear.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace brig::runtime {

class Outline {
 public:
  struct Step {
    std::string text;
    std::vector<std::string> words;    // behind the text; broken into several lines where need be
    std::vector<std::string> details;  // one level further in
    bool operator==(const Step&) const = default;
  };
  struct Section {
    std::string title;
    std::vector<Step> steps;
    bool operator==(const Section&) const = default;
  };

  void title(std::string text) { title_ = std::move(text); }

  template <class... Parts>
  void line(const Parts&... parts) {
    add({.text = cat(parts...), .words = {}, .details = {}});
  }
  // About the line before.
  template <class... Parts>
  void below(const Parts&... parts) {
    sections_.back().steps.back().details.push_back(cat(parts...));
  }
  // "  LABEL: a b c", with as many lines as the words need.
  void words(std::string_view label, const std::vector<std::string>& words);

  [[nodiscard]] const std::vector<Section>& sections() const { return sections_; }
  [[nodiscard]] std::string text() const;

 private:
  void add(Step step);

  std::string title_;
  std::vector<Section> sections_;
};

// "LABEL: a b c", on one line whatever its length.
std::string one_line(const Outline::Step& step);

// In double quotes, on one line whatever it holds: a configuration's text can be anything.
std::string quoted(std::string_view text);
// As it is, when nothing in it could be mistaken for something else; quoted otherwise.
std::string plain_or_quoted(std::string_view text);
// "0755"
std::string octal(std::uint32_t number);

}  // namespace brig::runtime
