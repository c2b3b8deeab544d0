// Anonymous files in memory: a place to write to for code that wants a descriptor, and an input
// that a reader can take at its own pace.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "sys/fd.h"

namespace brig::sys {

// memfd_create(2), never executable. `name` is only what /proc shows.
Result<Fd> open_memory_file(const char* name);

// A memory file that holds `data` and is read from its start.
Result<Fd> memory_file_with(const char* name, std::string_view data);

// An executable memory file that nobody can change any more (F_SEAL_*).
Result<Fd> sealed_program(const char* name, std::string_view image);

// pread(2) of the first `size` bytes, whatever the file's offset; fewer is an error.
Result<std::string> read_start(FdRef file, std::size_t size);

// All of it, at most `limit` bytes: for a file whose size fstat(2) knows and nobody changes.
Result<std::string> read_whole(FdRef file, std::size_t limit);

}  // namespace brig::sys
