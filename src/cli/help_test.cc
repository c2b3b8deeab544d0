#include "cli/help.h"

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/completion.h"
#include "cli/man.h"
#include "sys/file.h"

namespace brig::cli {
namespace {

// The flag as the man page's source writes it.
std::string in_roff(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '-' ? std::string("\\-") : std::string(1, c);
  return out;
}

TEST(Help, EachCommandListsEveryOptionAndItsMeaning) {
  for (const Command& command : commands()) {
    const std::string text = help_text(command);
    EXPECT_TRUE(text.starts_with(cat("usage: brig [global options] ", command.name, " [options]")))
        << text;
    for (const Option& option : command.options) {
      EXPECT_NE(text.find(describe(option)), std::string::npos) << command.name << option.name;
      EXPECT_NE(std::string_view(option.help), "") << command.name << option.name;
    }
  }
}

TEST(Help, ListsEveryCommandAndGlobalOption) {
  const std::string text = help_text();
  for (const Command& command : commands())
    EXPECT_NE(text.find(cat("\n  ", command.name, " ")), std::string::npos) << command.name;
  for (const Option& option : global_options())
    EXPECT_NE(text.find(describe(option)), std::string::npos) << option.name;
}

TEST(Help, FitsATerminal) {
  std::string all = help_text();
  for (const Command& command : commands()) all += help_text(command);
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = all.find('\n', at);
    EXPECT_LE(end - at, 80U) << all.substr(at, end - at);
    EXPECT_FALSE(end > at && all[end - 1] == ' ') << all.substr(at, end - at);
    at = end + 1;
  }
}

TEST(Help, OptionsStandInTwoColumns) {
  EXPECT_EQ(help_text(**find_command("list")),
            "usage: brig [global options] list [options]\n"
            "\n"
            "list: list the containers\n"
            "\n"
            "Options:\n"
            "  -f, --format table|json     how to print; by default table\n"
            "  -q, --quiet                 print only the ids\n"
            "  -h, --help                  show this help\n");
}

TEST(Tables, NoTwoOptionsOfACommandShareAName) {
  for (const Command& command : commands()) {
    std::string letters;
    std::vector<std::string_view> names;
    for (const Option& option : command.options) {
      letters += option.letters;
      names.emplace_back(option.name);
    }
    std::ranges::sort(letters);
    std::ranges::sort(names);
    EXPECT_EQ(std::ranges::adjacent_find(letters), letters.end()) << command.name;
    EXPECT_EQ(std::ranges::adjacent_find(names), names.end()) << command.name;
  }
}

TEST(ManPage, MentionsEveryCommandAndFlag) {
  const std::string page = man_page();
  EXPECT_TRUE(page.starts_with(".TH BRIG 1 "));
  for (const Option& option : global_options())
    EXPECT_NE(page.find(cat("\\fB\\-\\-", in_roff(option.name), "\\fR")), std::string::npos)
        << option.name;
  for (const Command& command : commands()) {
    const std::size_t section = page.find(cat(".SS \"brig ", command.name, " "));
    ASSERT_NE(section, std::string::npos) << command.name;
    const std::string text = page.substr(section, page.find("\n.S", section + 1) - section);
    for (const Option& option : command.options)
      EXPECT_NE(text.find(cat("\\fB\\-\\-", in_roff(option.name), "\\fR")), std::string::npos)
          << command.name << " " << option.name;
  }
}

TEST(ManPage, HasOnlyRequestsThatManKnows) {
  const std::string page = man_page();
  for (std::size_t at = 0; at < page.size(); at = page.find('\n', at) + 1) {
    if (page[at] != '.') continue;
    const std::string request = page.substr(at, page.find_first_of(" \n", at) - at);
    const std::array known = {".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".BR", ".I", ".nf", ".fi"};
    EXPECT_NE(std::ranges::find(known, request), known.end()) << request;
  }
}

TEST(BashCompletion, OffersEveryFlagOfEveryCommand) {
  const std::string script = bash_completion();
  for (const Command& command : commands()) {
    const std::size_t at = script.find(cat("    '", command.name, "') flags='"));
    ASSERT_NE(at, std::string::npos) << command.name;
    const std::string flags = script.substr(at, script.find("' ;;", at) - at) + " ";
    for (const Option& option : command.options)
      EXPECT_NE(flags.find(cat("--", option.name, " ")), std::string::npos) << option.name;
  }
}

// What the function offers for these words, the last of which is being typed.
std::string completed(const std::string& words) {
  std::string script = cat(testing::TempDir(), "brig-completion-", ::getpid());
  const std::string output = script + ".out";
  const std::string text =
      cat(bash_completion(), "exec >'", output, "' 2>&1\ncompopt() { :; }\nset -- ", words,
          "\nCOMP_WORDS=(\"$@\") COMP_CWORD=$(($# - 1))\n_brig\necho \"${COMPREPLY[*]}\"\n");
  const Result<> written = sys::create_file_at(FdRef::cwd(), script, text, 0600);
  if (!written) return written.error().message();
  std::string bash = "bash";
  std::array<char*, 3> argv = {bash.data(), script.data(), nullptr};
  pid_t pid = 0;
  if (::posix_spawnp(&pid, "bash", nullptr, nullptr, argv.data(), environ) != 0) return "no bash";
  ::waitpid(pid, nullptr, 0);
  const Result<std::string> offered = sys::read_file_at(FdRef::cwd(), output);
  std::remove(script.c_str());
  std::remove(output.c_str());
  return offered ? *offered : offered.error().message();
}

TEST(BashCompletion, WorksInBash) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"brig cr", "create\n"},
      {"brig --log-f", "--log-format\n"},
      {"brig --log-format ''", "text json\n"},
      {"brig --log-format = j", "json\n"},
      {"brig --log-format =", "text json\n"},
      {"brig --root /x --debug list -f ''", "table json\n"},
      {"brig --root = /x list --q", "--quiet\n"},
      {"brig help de", "delete\n"},
      {"brig create x", "\n"},
      {"brig mounts re", "remove\n"},
      {"brig run --preserve-fds ''", "\n"},
  };
  for (const auto& [words, offered] : cases) EXPECT_EQ(completed(words), offered) << words;
}

}  // namespace
}  // namespace brig::cli
