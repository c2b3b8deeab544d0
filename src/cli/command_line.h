// From argv to the exit code: the one place that turns an Error into words on standard error.
#pragma once

namespace brig::cli {

// argv as main() gets it. Returns what the process exits with: 0, 1 for an error of our own, or
// the status of the container's process for a `run` in the foreground.
int run_command_line(int argc, char** argv);

}  // namespace brig::cli
