// The commands and their flags: one table, read by the parser, the help, the man page and the
// shell completion. A new flag is a row; a new command is a row and a function of commands.h.
#pragma once

#include <span>
#include <string_view>

#include "base/error.h"
#include "cli/options.h"

namespace brig::cli {

class Log;

struct Command {
  std::string_view name;
  std::string_view operands = {};  // as the usage line shows them
  std::string_view summary = {};   // half a line
  std::string_view details = {};   // whole sentences, for the help and the man page
  std::string_view verbs = {};     // what the first operand may be
  std::span<const Option> options;
  unsigned min_operands = 0, max_operands = 0;
  bool takes_existing_id = false;  // the first operand names a container that is there,
                                   // or the second, after one of `verbs`
  bool stops_at_operand = false;   // what follows the first operand is not ours, dashes or not
  int failure_status = 1;          // the exit status when brig itself fails
  Result<int> (*run)(const Options&, Log&) = nullptr;
};

std::span<const Option> global_options();
std::span<const Command> commands();

// By name; the error suggests the nearest one.
Result<const Command*> find_command(std::string_view name);

}  // namespace brig::cli
