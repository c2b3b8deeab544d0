// Completion for shells, made from the tables: `brig help --completion bash`.
#pragma once

#include <string>

namespace brig::cli {

std::string bash_completion();

}  // namespace brig::cli
