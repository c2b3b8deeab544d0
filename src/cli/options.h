// What a command line asks for, and the reading of it. The flags themselves are rows in
// tables.cc; this is the one parser that all of them share.
//
// Accepted is the union of what runc (Go's flag package) and crun (argp) take:
//   --flag value, --flag=value, -flag value, -flag=value   long names after one dash or two
//   -b DIR, -bDIR, -df                                      letters, also bundled
//   --flag=true, --flag=false                               booleans, only with "="
//   --bund DIR                                              an unambiguous beginning
// Options may follow operands, "--" ends them, and the last of several wins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "runtime/runtime.h"

namespace brig::cli {

struct Command;

enum class LogFormat : std::uint8_t { Text, Json };
enum class ListFormat : std::uint8_t { Table, Json };
enum class ReportFormat : std::uint8_t { Text, Json };

struct LogOptions {
  std::string destination = {};  // a file, or a daemon; empty: standard error
  bool to_journal = false;       // where there is no destination
  LogFormat format = LogFormat::Text;
  std::optional<runtime::LogLevel> level = {};
  bool debug = false;  // wins over the level
};

struct SpecOptions {
  std::string bundle = ".";
  std::string file = "config.json";
  bool rootless = false;
};

struct HelpOptions {
  bool man = false;
  std::string completion;  // a shell
};

struct WatchOptions {  // `events` and `stats`
  std::optional<std::int64_t> interval_ms;
  bool once = false;
};

// One struct for all commands: a command reads the members that its table can set.
struct Options {
  // Before the command.
  std::string root;
  LogOptions log;
  bool systemd_cgroup = false;
  runtime::CgroupManager cgroup_manager = runtime::CgroupManager::Cgroupfs;
  bool version = false;

  // After it.
  bool help = false;
  std::vector<std::string> operands;
  runtime::RunOptions run;  // `create` uses its create part
  runtime::ExecOptions exec;
  runtime::KillOptions kill;
  runtime::DeleteOptions remove;
  bool regex = false;
  std::string resources;  // `update`: a file, or "-" for standard input
  runtime::UpdateOptions update;
  WatchOptions watch;
  ListFormat list_format = ListFormat::Table;
  ReportFormat report_format = ReportFormat::Text;
  bool quiet = false;
  SpecOptions spec;
  HelpOptions topic;
};

// Where a flag's value goes; the alternative says how the value is read.
using Target =
    std::variant<bool& (*)(Options&), std::optional<bool>& (*)(Options&), unsigned& (*)(Options&),
                 std::string& (*)(Options&), Result<> (*)(Options&, std::string_view)>;

struct Option {
  const char* name;             // without dashes
  const char* letters = "";     // each is a one-letter form
  const char* value = nullptr;  // what the help calls the value; nullptr: a boolean
  const char* help = "";
  Target target;
};

// Reads the flags in front of the command and returns the index of the command's word
// (argv.size() without one). Flags that come before a wrong one are in `options` even then.
Result<std::size_t> parse_global_options(std::span<char* const> argv, Options& options);

// argv[0] is the command's word. Checks the number of operands too, unless help is asked for.
Result<> parse_command_options(const Command& command, std::span<char* const> argv,
                               Options& options);

// Values of flags that are words of a list.
Result<> set_log_format(Options& options, std::string_view value);
Result<> set_log_level(Options& options, std::string_view value);
Result<> set_cgroup_manager(Options& options, std::string_view value);
Result<> set_rootless(Options& options, std::string_view value);
Result<> ignore_value(Options& options, std::string_view value);
Result<> set_list_format(Options& options, std::string_view value);
Result<> set_report_format(Options& options, std::string_view value);
Result<> set_interval(Options& options, std::string_view value);
Result<> set_completion(Options& options, std::string_view value);

}  // namespace brig::cli
