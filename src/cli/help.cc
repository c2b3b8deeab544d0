#include "cli/help.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "base/text.h"

namespace brig::cli {
namespace {

constexpr std::size_t kLineWidth = 80;
constexpr std::size_t kIndent = 2;

// `text` filled to the line's width, each line behind `margin` blanks; the first line continues
// one that is `used` wide already.
std::string filled(std::string_view text, std::size_t margin, std::size_t used) {
  std::string out;
  std::size_t at = used;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (at > margin && at + 1 + word.size() > kLineWidth) {
      out += '\n';
      at = 0;
    } else if (at > margin) {
      out += ' ';
      ++at;
    }
    if (at < margin) {
      out.append(margin - at, ' ');
      at = margin;
    }
    out += word;
    at += word.size();
  }
  return out + '\n';
}

// A term and its explanation in two columns; a term too long for its column stands alone.
std::string entry(std::string_view term, std::string_view text, std::size_t margin) {
  std::string out(kIndent, ' ');
  out += term;
  std::size_t used = kIndent + term.size();
  if (used + 2 > margin) {
    out += '\n';
    used = 0;
  }
  return out + filled(text, margin, used);
}

std::string option_list(std::span<const Option> options) {
  constexpr std::size_t kMargin = 30;
  std::string out;
  for (const Option& option : options) out += entry(describe(option), option.help, kMargin);
  return out;
}

}  // namespace

std::string describe(const Option& option) {
  std::string out;
  for (const char* letter = option.letters; *letter != '\0'; ++letter)
    out += cat("-", *letter, ", ");
  out += cat("--", option.name);
  if (option.value != nullptr) out += cat(" ", option.value);
  return out;
}

std::string help_text() {
  constexpr std::size_t kMargin = 14;
  std::string out =
      "usage: brig [global options] <command> [options] [arguments]\n\n"
      "brig runs containers as the OCI runtime specification describes them.\n\n"
      "Commands:\n";
  for (const Command& command : commands()) out += entry(command.name, command.summary, kMargin);
  out += cat("\nGlobal options:\n", option_list(global_options()));
  return out + "\n\"brig help <command>\" explains a command and its options.\n";
}

std::string help_text(const Command& command) {
  std::string out = cat("usage: brig [global options] ", command.name, " [options]");
  if (!command.operands.empty()) out += cat(" ", command.operands);
  out += cat("\n\n", command.name, ": ", command.summary, "\n");
  if (!command.details.empty()) out += cat("\n", filled(command.details, 0, 0));
  return out + cat("\nOptions:\n", option_list(command.options));
}

}  // namespace brig::cli
