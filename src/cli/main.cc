#include <cstring>

#include "cli/command_line.h"
#include "init/main.h"
#include "sys/signals.h"

int main(int argc, char** argv) {
  // A container's init process is this binary, executed again under a name of its own.
  if (argc > 0 && std::strcmp(argv[0], brig::kInitName) == 0) brig::init_main(argc, argv);
  brig::ignore(brig::sys::receive_child_signal(), "it cannot fail for SIGCHLD");
  return brig::cli::run_command_line(argc, argv);
}
