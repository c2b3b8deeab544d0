#include "cli/options.h"

#include <getopt.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/match.h"
#include "base/suggest.h"
#include "base/text.h"
#include "cli/duration.h"
#include "cli/tables.h"

namespace brig::cli {
namespace {

enum class Operands : std::uint8_t {
  StopAtFirst,  // getopt_long_only returns at the first operand
  Collect,      // operands and options in any order
};

// A table in getopt's terms. Letters are entered as long names too: Go accepts `-b=DIR` and
// `--b DIR`, where getopt alone would take "=DIR" for the value.
class GetoptTable {
 public:
  GetoptTable(std::span<const Option> table, Operands operands) : table_(table) {
    // "-" returns operands in order as code 1 and "+" stops at them; either way the environment's
    // POSIXLY_CORRECT changes nothing. ":" tells a missing argument from an unknown flag.
    letters_ = operands == Operands::Collect ? "-:" : "+:";
    for (std::size_t i = 0; i < table.size(); ++i) add(table[i], kFirstCode + static_cast<int>(i));
    names_.push_back({});
  }

  int next(std::span<char* const> argv) const {
    return ::getopt_long_only(static_cast<int>(argv.size()), argv.data(), letters_.c_str(),
                              names_.data(), nullptr);
  }

  // The option of a code that getopt returned, or left in optopt.
  [[nodiscard]] const Option& find(int code) const {
    if (code >= kFirstCode) return table_[static_cast<std::size_t>(code - kFirstCode)];
    for (const Option& option : table_)
      for (const char* letter = option.letters; *letter != '\0'; ++letter)
        if (*letter == code) return option;
    std::unreachable();
  }

 private:
  static constexpr int kFirstCode = 256;  // above every letter

  void add(const Option& option, int code) {
    const int argument = option.value == nullptr ? optional_argument : required_argument;
    names_.push_back({option.name, argument, nullptr, code});
    for (const char* letter = option.letters; *letter != '\0'; ++letter) {
      letters_ += *letter;
      if (option.value != nullptr) letters_ += ':';
      names_.push_back(
          {kWords[static_cast<unsigned char>(*letter)].data(), argument, nullptr, code});
    }
  }

  static constexpr std::array<std::array<char, 2>, 128> kWords = [] {
    std::array<std::array<char, 2>, 128> words{};
    for (std::size_t i = 0; i < words.size(); ++i) words[i][0] = static_cast<char>(i);
    return words;
  }();

  std::span<const Option> table_;
  std::string letters_;
  std::vector<::option> names_;
};

std::optional<bool> parse_boolean(std::string_view text) {
  for (const std::string_view yes : {"true", "True", "TRUE", "t", "T", "1"})
    if (text == yes) return true;
  for (const std::string_view no : {"false", "False", "FALSE", "f", "F", "0"})
    if (text == no) return false;
  return {};
}

std::optional<unsigned> parse_unsigned(std::string_view text) {
  unsigned number = 0;
  const auto [stop, error] = std::from_chars(text.begin(), text.end(), number);
  if (error != std::errc() || stop != text.end()) return {};
  return number;
}

template <class Member, class T>
Result<> assign(Member& member, std::optional<T> parsed, const Option& option,
                std::string_view value) {
  if (parsed) {
    member = *parsed;  // NOLINT(bugprone-optional-value-conversion): some members are optional, too
    return {};
  }
  const std::string_view wanted = std::is_same_v<T, bool> ? "true or false" : "a number from 0 up";
  return fail(Errc::BadConfig,
              cat("invalid value '", value, "' for --", option.name, ": not ", wanted));
}

Result<> apply_value(const Option& option, std::string_view value, Options& options) {
  const match into{
      [&](bool& (*member)(Options&)) {
        return assign(member(options), parse_boolean(value), option, value);
      },
      [&](std::optional<bool>& (*member)(Options&)) {
        return assign(member(options), parse_boolean(value), option, value);
      },
      [&](unsigned& (*member)(Options&)) {
        return assign(member(options), parse_unsigned(value), option, value);
      },
      [&](std::string& (*member)(Options&)) -> Result<> {
        member(options) = value;
        return {};
      },
      [&](Result<> (*set)(Options&, std::string_view)) { return set(options, value); },
  };
  return std::visit(into, option.target);
}

std::vector<std::string_view> names_of(std::span<const Option> table) {
  std::vector<std::string_view> names;
  for (const Option& option : table) names.emplace_back(option.name);
  return names;
}

bool is_global(std::string_view name) {
  const std::vector<std::string_view> names = names_of(global_options());
  return std::ranges::find(names, name) != names.end();
}

// Why getopt does not know `typed`, with the way out where there is one.
std::unexpected<Error> unknown_option(std::span<const Option> table, std::string_view typed) {
  const std::string_view flag = typed.substr(0, typed.find('='));
  const std::string_view name = flag.substr(std::min(flag.find_first_not_of('-'), flag.size()));
  const std::vector<std::string_view> known = names_of(table);
  std::vector<std::string> begun;
  for (const std::string_view candidate : known)
    if (!name.empty() && candidate.starts_with(name)) begun.push_back(cat("--", candidate));
  if (begun.size() > 1)
    return fail(Errc::BadConfig, cat("ambiguous option '", flag, "': ", join(begun, " or ")));

  std::string message = cat("unknown option '", flag, "'");
  if (const std::string_view near = nearest(name, known); !near.empty())
    message += cat(" (did you mean --", near, "?)");
  else if (is_global(name))
    message += " (it goes before the command)";
  return fail(Errc::BadConfig, std::move(message));
}

// getopt keeps the culprit in optopt when it is a letter of a bundle, and behind optind else.
std::string culprit(std::span<char* const> argv) {
  if (optopt != 0) return cat("-", static_cast<char>(optopt));
  return argv[static_cast<std::size_t>(optind) - 1];
}

// Returns the index behind the last argument that was read.
Result<std::size_t> parse_options(std::span<const Option> table, Operands operands,
                                  std::span<char* const> argv, Options& options) {
  const GetoptTable getopt_table(table, operands);
  optind = 0;  // a GNU extension: start over, also after another argv
  opterr = 0;
  for (int code = 0; (code = getopt_table.next(argv)) != -1;) {
    if (code == 1) {
      options.operands.emplace_back(optarg);
    } else if (code == '?') {
      return unknown_option(table, culprit(argv));
    } else if (code == ':') {
      // Podman and CRI-O look for these words of Go's to learn which options there are.
      return fail(Errc::BadConfig,
                  cat("flag needs an argument: --", getopt_table.find(optopt).name));
    } else {
      TRY(apply_value(getopt_table.find(code), optarg == nullptr ? "true" : optarg, options));
    }
  }
  return static_cast<std::size_t>(optind);
}

// runc's words, which scripts look for, and then what was expected.
Result<> check_operands(const Command& command, std::size_t given) {
  if (given >= command.min_operands && given <= command.max_operands) return {};
  const std::string_view bound = command.min_operands == command.max_operands ? "exactly "
                                 : given < command.min_operands               ? "a minimum of "
                                                                              : "a maximum of ";
  const unsigned wanted =
      given < command.min_operands ? command.min_operands : command.max_operands;
  const std::string_view gap = command.operands.empty() ? "" : ": ";
  return fail(Errc::BadConfig,
              cat("requires ", bound, wanted, " argument(s)", gap, command.operands));
}

std::unexpected<Error> invalid_word(std::string_view what, std::string_view value,
                                    std::string_view known) {
  return fail(Errc::BadConfig, cat("invalid ", what, ": ", value, " (known: ", known, ")"));
}

}  // namespace

Result<std::size_t> parse_global_options(std::span<char* const> argv, Options& options) {
  return parse_options(global_options(), Operands::StopAtFirst, argv, options);
}

Result<> parse_command_options(const Command& command, std::span<char* const> argv,
                               Options& options) {
  const Operands operands = command.stops_at_operand ? Operands::StopAtFirst : Operands::Collect;
  const std::size_t end = TRY(parse_options(command.options, operands, argv, options));
  for (const char* operand : argv.subspan(end)) options.operands.emplace_back(operand);
  if (options.help) return {};
  return check_operands(command, options.operands.size());
}

Result<> set_log_format(Options& options, std::string_view value) {
  if (value == "text")
    options.log.format = LogFormat::Text;
  else if (value == "json")
    options.log.format = LogFormat::Json;
  else
    return invalid_word("log-format", value, "text, json");
  return {};
}

Result<> set_log_level(Options& options, std::string_view value) {
  using runtime::LogLevel;
  if (value == "error")
    options.log.level = LogLevel::Error;
  else if (value == "warning" || value == "warn")
    options.log.level = LogLevel::Warning;
  else if (value == "info")
    options.log.level = LogLevel::Info;
  else if (value == "debug")
    options.log.level = LogLevel::Debug;
  else
    return invalid_word("log-level", value, "error, warning, info, debug");
  return {};
}

Result<> set_cgroup_manager(Options& options, std::string_view value) {
  using runtime::CgroupManager;
  if (value == "cgroupfs")
    options.cgroup_manager = CgroupManager::Cgroupfs;
  else if (value == "systemd")
    options.cgroup_manager = CgroupManager::Systemd;
  else if (value == "disabled")
    options.cgroup_manager = CgroupManager::Disabled;
  else
    return invalid_word("cgroup manager", value, "cgroupfs, systemd, disabled");
  return {};
}

Result<> set_rootless(Options& /*options*/, std::string_view value) {
  if (value == "auto") return {};
  if (!parse_boolean(value)) return invalid_word("value", value, "true, false, auto");
  return {};
}

Result<> ignore_value(Options& /*options*/, std::string_view /*value*/) {
  return {};
}

Result<> set_list_format(Options& options, std::string_view value) {
  if (value == "table")
    options.list_format = ListFormat::Table;
  else if (value == "json")
    options.list_format = ListFormat::Json;
  else
    return invalid_word("format option", value, "table, json");
  return {};
}

Result<> set_report_format(Options& options, std::string_view value) {
  if (value == "text")
    options.report_format = ReportFormat::Text;
  else if (value == "json")
    options.report_format = ReportFormat::Json;
  else
    return invalid_word("format option", value, "text, json");
  return {};
}

Result<> set_interval(Options& options, std::string_view value) {
  const std::int64_t interval_ms =
      TRY_DOING(parse_duration_ms(value), "invalid value for --interval");
  if (interval_ms <= 0) return fail(Errc::BadConfig, "duration interval must be greater than 0");
  options.watch.interval_ms = interval_ms;
  return {};
}

Result<> set_completion(Options& options, std::string_view value) {
  if (value != "bash") return invalid_word("shell", value, "bash");
  options.topic.completion = value;
  return {};
}

}  // namespace brig::cli
