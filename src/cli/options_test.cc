#include "cli/options.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "cli/tables.h"

namespace brig::cli {
namespace {

using Words = std::vector<std::string>;

// argv for functions that want what main() gets.
class Argv {
 public:
  explicit Argv(Words words) : words_(std::move(words)) {
    for (std::string& word : words_) pointers_.push_back(word.data());
  }
  [[nodiscard]] std::span<char* const> get() const { return pointers_; }

 private:
  Words words_;
  std::vector<char*> pointers_;
};

struct Parsed {
  Options options;
  std::string error;
};

// The words from the command on.
Parsed parse(const Words& words) {
  Parsed parsed;
  const Result<const Command*> command = find_command(words.front());
  const Argv argv(words);
  const Result<> done = parse_command_options(**command, argv.get(), parsed.options);
  if (!done) parsed.error = done.error().message();
  return parsed;
}

// The words behind argv[0]; `at` is the index of the command among them.
Parsed parse_global(Words words, std::size_t& at) {
  words.insert(words.begin(), "brig");
  Parsed parsed;
  const Argv argv(words);
  const Result<std::size_t> done = parse_global_options(argv.get(), parsed.options);
  if (done)
    at = *done - 1;
  else
    parsed.error = done.error().message();
  return parsed;
}

Parsed parse_global(const Words& words) {
  std::size_t at = 0;
  return parse_global(words, at);
}

TEST(Options, AnOptionWithAValueHasManySpellings) {
  for (const Words& spelling : std::initializer_list<Words>{{"-b", "dir"},
                                                            {"-bdir"},
                                                            {"-b=dir"},
                                                            {"--b", "dir"},
                                                            {"--b=dir"},
                                                            {"--bundle", "dir"},
                                                            {"--bundle=dir"},
                                                            {"-bundle", "dir"},
                                                            {"-bundle=dir"},
                                                            {"--bund", "dir"}}) {
    Words words = {"create"};
    words.insert(words.end(), spelling.begin(), spelling.end());
    words.emplace_back("web");
    const Parsed parsed = parse(words);
    EXPECT_EQ(parsed.error, "") << spelling.front();
    EXPECT_EQ(parsed.options.run.create.bundle, "dir") << spelling.front();
    EXPECT_EQ(parsed.options.operands, Words{"web"}) << spelling.front();
  }
}

TEST(Options, ABooleanTakesAValueOnlyBehindAnEqualsSign) {
  for (const char* const yes : {"-d", "--detach", "-detach", "--detach=true", "-detach=1", "-d=T"})
    EXPECT_TRUE(parse({"run", yes, "web"}).options.run.detach) << yes;
  for (const char* const no : {"--detach=false", "-detach=False", "-d=0"})
    EXPECT_FALSE(parse({"run", "-d", no, "web"}).options.run.detach) << no;
  EXPECT_EQ(parse({"run", "--detach", "false"}).options.operands, Words{"false"});
}

TEST(Options, LettersCanBeBundled) {
  const Parsed parsed = parse({"delete", "-rf", "web"});
  EXPECT_EQ(parsed.error, "");
  EXPECT_TRUE(parsed.options.regex);
  EXPECT_TRUE(parsed.options.remove.force);
}

TEST(Options, MayFollowTheOperands) {
  const Parsed parsed = parse({"run", "web", "-b", "dir", "--keep"});
  EXPECT_EQ(parsed.error, "");
  EXPECT_EQ(parsed.options.run.create.bundle, "dir");
  EXPECT_TRUE(parsed.options.run.keep);
  EXPECT_EQ(parsed.options.operands, Words{"web"});
}

TEST(Options, FollowTheOperandsWhateverTheEnvironmentSays) {
  ::setenv("POSIXLY_CORRECT", "1", 1);
  const Parsed parsed = parse({"run", "web", "--keep"});
  ::unsetenv("POSIXLY_CORRECT");
  EXPECT_TRUE(parsed.options.run.keep);
}

TEST(Options, TwoDashesEndThem) {
  const Parsed parsed = parse({"kill", "-a", "--", "web", "-9"});
  EXPECT_EQ(parsed.error, "");
  EXPECT_TRUE(parsed.options.kill.all);
  EXPECT_EQ(parsed.options.operands, (Words{"web", "-9"}));
}

TEST(Options, TheLastOfSeveralWins) {
  const Parsed parsed = parse({"create", "-b", "one", "--no-pivot", "--bundle=two",
                               "--no-pivot=false", "--pid-file", "p", "--pid-file", "q", "web"});
  EXPECT_EQ(parsed.error, "");
  EXPECT_EQ(parsed.options.run.create.bundle, "two");
  EXPECT_EQ(parsed.options.run.create.pid_file, "q");
  EXPECT_FALSE(parsed.options.run.create.no_pivot);
}

TEST(Options, AnEmptyValueIsAValue) {
  EXPECT_EQ(parse({"create", "--pid-file=", "web"}).error, "");
  EXPECT_EQ(parse({"create", "--pid-file", "", "web"}).options.operands, Words{"web"});
  EXPECT_EQ(parse({"state", ""}).options.operands, Words{""});
}

TEST(Options, CreateSetsEveryField) {
  const Parsed parsed = parse({"create", "-b", "dir", "-f", "other.json", "--console-socket", "c",
                               "--pidfd-socket", "s", "--pid-file", "p", "--no-pivot",
                               "--no-new-keyring", "--preserve-fds", "3", "web"});
  ASSERT_EQ(parsed.error, "");
  const runtime::CreateOptions& create = parsed.options.run.create;
  EXPECT_EQ(create.bundle, "dir");
  EXPECT_EQ(create.config, "other.json");
  EXPECT_EQ(create.console_socket, "c");
  EXPECT_EQ(create.pidfd_socket, "s");
  EXPECT_EQ(create.pid_file, "p");
  EXPECT_TRUE(create.no_pivot);
  EXPECT_TRUE(create.no_new_keyring);
  EXPECT_EQ(create.preserve_fds, 3U);
}

bool is_number(std::string_view placeholder) {
  return placeholder == "N" || placeholder == "BYTES" || placeholder == "USECS" ||
         placeholder == "DURATION";
}

TEST(Options, EveryRowIsReachedByEachOfItsNames) {
  for (const Command& command : commands()) {
    for (const Option& option : command.options) {
      Words spellings = {cat("--", option.name), cat("-", option.name)};
      for (const char* letter = option.letters; *letter != '\0'; ++letter)
        spellings.push_back(cat("-", *letter));
      for (const std::string& spelling : spellings) {
        Words words = {std::string(command.name), spelling, "--help"};
        const std::string_view value = option.value == nullptr ? "" : option.value;
        const std::string_view first = value.substr(0, value.find('|'));
        if (option.value != nullptr)
          words.insert(words.begin() + 2, is_number(first) ? "1" : std::string(first));
        const std::string error = parse(words).error;
        EXPECT_EQ(error, "") << command.name << " " << spelling << ": " << error;
      }
    }
  }
}

TEST(Options, ErrorsNameTheCulprit) {
  const std::vector<std::pair<Words, std::string>> cases = {
      {{"create", "--bogus", "web"}, "unknown option '--bogus'"},
      {{"create", "-bogus", "web"}, ""},  // crun's -b with the value "ogus"
      {{"create", "web", "--bogus=1"}, "unknown option '--bogus'"},
      {{"create", "-x", "web"}, "unknown option '-x'"},
      {{"delete", "-fx", "web"}, "unknown option '-x'"},
      {{"create", "--bundel", "d", "web"}, "unknown option '--bundel' (did you mean --bundle?)"},
      {{"create", "--pid", "p", "web"}, "ambiguous option '--pid': --pidfd-socket or --pid-file"},
      {{"create", "--root", "d", "web"}, "unknown option '--root' (it goes before the command)"},
      {{"create", "web", "--bundle"}, "flag needs an argument: --bundle"},
      {{"create", "web", "-b"}, "flag needs an argument: --bundle"},
      {{"create", "--no-pivot=maybe", "web"},
       "invalid value 'maybe' for --no-pivot: not true or false"},
      {{"create", "--preserve-fds", "-1", "web"},
       "invalid value '-1' for --preserve-fds: not a number from 0 up"},
      {{"create", "--preserve-fds=3x", "web"},
       "invalid value '3x' for --preserve-fds: not a number from 0 up"},
      {{"create", "--preserve-fds=4294967296", "web"},
       "invalid value '4294967296' for --preserve-fds: not a number from 0 up"},
      {{"list", "-f", "yaml"}, "invalid format option: yaml (known: table, json)"},
      {{"help", "--completion", "zsh"}, "invalid shell: zsh (known: bash)"},
  };
  for (const auto& [words, message] : cases) EXPECT_EQ(parse(words).error, message) << words[1];
}

TEST(Options, TheNumberOfOperandsIsChecked) {
  const std::vector<std::pair<Words, std::string>> cases = {
      {{"create"}, "requires exactly 1 argument(s): <container-id>"},
      {{"create", "a", "b"}, "requires exactly 1 argument(s): <container-id>"},
      {{"kill"}, "requires a minimum of 1 argument(s): <container-id> [<signal>]"},
      {{"kill", "a", "9", "b"}, "requires a maximum of 2 argument(s): <container-id> [<signal>]"},
      {{"run", "a", "b"}, "requires a maximum of 1 argument(s): [<container-id>]"},
      {{"list", "a"}, "requires exactly 0 argument(s)"},
      {{"run"}, ""},
      {{"kill", "a"}, ""},
      {{"create", "--help"}, ""},
      {{"create", "-h", "a", "b"}, ""},
  };
  for (const auto& [words, message] : cases)
    EXPECT_EQ(parse(words).error, message) << words.front();
}

TEST(GlobalOptions, EndAtTheCommand) {
  std::size_t at = 0;
  const Parsed parsed = parse_global({"--root", "/r", "--log=/l", "--log-format", "json",
                                      "-systemd-cgroup", "create", "--bundle", "b", "web"},
                                     at);
  EXPECT_EQ(parsed.error, "");
  EXPECT_EQ(at, 6U);
  EXPECT_EQ(parsed.options.root, "/r");
  EXPECT_EQ(parsed.options.log.destination, "/l");
  EXPECT_EQ(parsed.options.log.format, LogFormat::Json);
  EXPECT_TRUE(parsed.options.systemd_cgroup);
}

TEST(GlobalOptions, MayBeRepeated) {
  const Parsed parsed = parse_global(
      {"--root=/a", "--systemd-cgroup", "--root=/b", "--systemd-cgroup", "state", "web"});
  EXPECT_EQ(parsed.error, "");
  EXPECT_EQ(parsed.options.root, "/b");
}

TEST(GlobalOptions, ThoseBeforeAWrongOneCount) {
  const Parsed parsed = parse_global({"--log", "/l", "--bogus", "list"});
  EXPECT_EQ(parsed.error, "unknown option '--bogus'");
  EXPECT_EQ(parsed.options.log.destination, "/l");
}

TEST(GlobalOptions, WordsOfAListAreChecked) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"--log-format=x", "invalid log-format: x (known: text, json)"},
      {"--log-level=x", "invalid log-level: x (known: error, warning, info, debug)"},
      {"--cgroup-manager=x", "invalid cgroup manager: x (known: cgroupfs, systemd, disabled)"},
      {"--rootless=x", "invalid value: x (known: true, false, auto)"},
      {"--log-format=text", ""},
      {"--log-level=warn", ""},
      {"--cgroup-manager=disabled", ""},
      {"--rootless=true", ""},
      {"--rootless=auto", ""},
      {"--criu=/usr/sbin/criu", ""},
  };
  for (const auto& [word, message] : cases) EXPECT_EQ(parse_global({word}).error, message) << word;
}

TEST(GlobalOptions, VersionHasThreeSpellings) {
  for (const char* const word : {"--version", "-version", "-v", "-V"})
    EXPECT_TRUE(parse_global({word}).options.version) << word;
}

// What engines really send; see "Argument syntax" in the project's notes on engines.
TEST(EngineCommandLines, AreUnderstood) {
  const std::vector<Words> lines = {
      {"--root", "/r/ns", "--log", "/b/log.json", "--log-format", "json", "--systemd-cgroup",
       "create", "--bundle", "/b", "--pid-file", "/b/init.pid", "--console-socket", "/s",
       "--no-pivot", "--no-new-keyring", "id"},
      {"--root=/r", "--systemd-cgroup", "--root=/r", "create", "--bundle=/b", "--pid-file=/p",
       "--console-socket=/s", "id"},
      {"--debug", "--rootless=true", "create", "--bundle", "/b", "--detach", "--preserve-fds", "2",
       "id"},
      {"--log-format=json", "--log", "/l", "--cgroup-manager=cgroupfs", "kill", "--all", "id", "9"},
      {"kill", "-a", "id", "9"},
      {"create", "id", "-b", "/b"},
      {"run", "id", "-b", "/b"},
      {"run", "--bundle", "/b", "--no-pivot", "--keep", "-no-subreaper", "id"},
      {"delete", "--force", "id"},
      {"list", "--format=json"},
      {"--log-level", "debug", "state", "buildah-buildah123456789"},
  };
  for (const Words& line : lines) {
    std::size_t at = 0;
    const Parsed global = parse_global(line, at);
    ASSERT_EQ(global.error, "") << line.front();
    const Words rest(line.begin() + static_cast<std::ptrdiff_t>(at), line.end());
    EXPECT_EQ(parse(rest).error, "") << line.front();
  }
}

TEST(Commands, AnUnknownOneGetsASuggestion) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"crate", "unknown command 'crate' (did you mean create?)"},
      {"strat", "unknown command 'strat' (did you mean start?)"},
      {"feat", "unknown command 'feat' (did you mean features?)"},
      {"foo", "unknown command 'foo'"},
      {"", "unknown command ''"},
  };
  for (const auto& [word, message] : cases) {
    const Result<const Command*> found = find_command(word);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().message(), message);
  }
}

TEST(Commands, ThoseOfLaterVersionsAreUnknown) {
  for (const char* const word : {"checkpoint", "restore"}) EXPECT_FALSE(find_command(word)) << word;
}

TEST(Commands, HelpHasAShortName) {
  EXPECT_EQ((*find_command("h"))->name, "help");
}

TEST(Options, WhatFollowsTheIdBelongsToPs) {
  const Parsed parsed = parse({"ps", "-f", "json", "web", "-o", "pid,cmd", "--help"});
  EXPECT_EQ(parsed.error, "");
  EXPECT_EQ(parsed.options.list_format, ListFormat::Json);
  EXPECT_FALSE(parsed.options.help);
  EXPECT_EQ(parsed.options.operands, (Words{"web", "-o", "pid,cmd", "--help"}));
}

}  // namespace
}  // namespace brig::cli
