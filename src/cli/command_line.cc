#include "cli/command_line.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/log.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "cli/tables.h"
#include "runtime/version.h"

namespace brig::cli {
namespace {

// "create 'web'": what was asked for, in front of whatever went wrong with it.
std::string describe(const Command& command, const Options& options) {
  const std::size_t at = command.operands.find("<container-id>");
  if (at == std::string_view::npos) return std::string(command.name);
  const std::string_view before = command.operands.substr(0, at);
  const auto index = static_cast<std::size_t>(std::ranges::count(before, ' '));
  std::string words(command.name);
  for (std::size_t i = 0; i <= index && i < options.operands.size(); ++i)
    words += i < index ? cat(" ", options.operands[i]) : cat(" '", options.operands[i], "'");
  return words;
}

// What engines call is seldom seen otherwise.
std::string describe_call(std::span<char* const> argv) {
  std::string words = cat("version ", runtime::version(), ", called as");
  for (const char* const word : argv) words += cat(" ", word);
  return words;
}

// The state directory in full, wherever the runtime looks from.
Result<> settle_root(std::string& root) {
  if (root.empty()) return {};
  const std::string path = TRY(from_working_directory(root));
  root = clean_path(path);
  if (root == "/") return fail(Errc::Denied, "option --root argument should not be set to /");
  return {};
}

Result<int> execute(std::span<char* const> argv, Log& log) {
  Options options;
  Result<std::size_t> command_at = parse_global_options(argv, options);
  // Before a wrong flag is reported: engines read the reason from the log they named.
  TRY(log.configure(options.log));
  const std::size_t at = TRY(std::move(command_at));
  TRY(settle_root(options.root));
  if (options.version) return print(version_text());
  if (options.help || at == argv.size()) return print(help_text());

  const Command* const command = TRY(find_command(argv[at]));
  TRY_DOING(parse_command_options(*command, argv.subspan(at), options), command->name);
  if (options.help) return print(help_text(*command));
  log.write(runtime::LogLevel::Debug, describe_call(argv));
  Result<int> status = command->run(options, log);
  if (status) return status;
  status.error().add_context(describe(*command, options));
  log.write(runtime::LogLevel::Error, status.error().message());
  return command->failure_status;
}

}  // namespace

int run_command_line(int argc, char** argv) {
  Log log;
  const Result<int> status = execute({argv, static_cast<std::size_t>(argc)}, log);
  if (status) return *status;
  log.write(runtime::LogLevel::Error, status.error().message());
  return 1;
}

}  // namespace brig::cli
