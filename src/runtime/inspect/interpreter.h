// Who the kernel really executes: the program that a script names in its first line, or the loader
// of a dynamic executable. When that one is missing, execve(2) says "no such file or directory" of
// a file that is there.
#pragma once

#include <string>
#include <string_view>

namespace brig::runtime {

inline constexpr std::size_t kInterpreterBytes = 4096;  // of the file's begin are enough

// Empty when there is none, or none that can be made out.
std::string interpreter_of(std::string_view begin);

}  // namespace brig::runtime
