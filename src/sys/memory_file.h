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

// One fstat and one pread: everything in a file whose size does not change, whatever its offset.
// At most `limit` bytes; more, or less than fstat promised, is an error.
Result<std::string> read_whole(FdRef file, std::size_t limit);

}  // namespace brig::sys
