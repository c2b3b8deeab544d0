// Why execve(2) would not start a file that is there and may be executed. The kernel has one word
// for it, and that is about another file ("no such file or directory") or about none ("exec format
// error").
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/inspect/container_files.h"

namespace brig::runtime {

struct ExecutableFault {
  std::string what;  // a predicate: "needs the interpreter '/bin/sh', which is not there"
  std::string remedy;
  bool may_be_emulated = false;  // the kernel can be told of an emulator: binfmt_misc
};

// Nothing where there is no fault, or none that can be seen from here.
std::optional<ExecutableFault> fault_of_executable(const ContainerFiles& files,
                                                   const std::string& program,
                                                   const std::string& cwd);

// The interpreter apart: of a file that begins like this.
std::optional<ExecutableFault> fault_of_format(std::string_view begin);

}  // namespace brig::runtime
