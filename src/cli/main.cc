#include <cstring>

#include "cli/command_line.h"
#include "init/main.h"

int main(int argc, char** argv) {
  // A container's init process is this binary, executed again under a name of its own.
  if (argc > 0 && std::strcmp(argv[0], brig::kInitName) == 0) brig::init_main(argc, argv);
  return brig::cli::run_command_line(argc, argv);
}
