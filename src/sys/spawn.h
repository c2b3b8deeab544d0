// Runs a program of the host to its end: input given, output captured, time bounded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sys/fd.h"
#include "sys/process.h"

namespace brig::sys {

struct Program {
  std::string path;  // as execve(2) takes it; PATH is not searched
  std::vector<std::string> argv, envp;
  std::string_view input;        // all of its standard input
  FdRef cwd = FdRef::none();     // its working directory; none: ours
  FdRef output = FdRef::none();  // in place of being captured
  FdRef error = FdRef::none();
  int timeout_ms = -1;             // -1: however long it takes
  std::size_t kept_output = 4096;  // how much of the end of each output is kept
};

struct ProgramResult {
  bool timed_out = false;
  ExitStatus status;  // of a program that timed out: the SIGKILL it got
  std::string standard_output, standard_error;
};

// The program gets a session of its own, default signal dispositions, an empty signal mask and no
// descriptor above 2. It dies when we do. When the time is up its whole process group is killed;
// what it left running when it ended in time is left alone, even if that holds its outputs open.
// A program that cannot be executed is an error; one that fails is a result.
Result<ProgramResult> run_program(const Program& program);

}  // namespace brig::sys
