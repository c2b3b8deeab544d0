// The help, made from the tables.
#pragma once

#include <string>

#include "cli/tables.h"

namespace brig::cli {

std::string help_text();
std::string help_text(const Command& command);

// How a flag is written in the help and the man page: "-b, --bundle DIR".
std::string describe(const Option& option);

}  // namespace brig::cli
