// Fills a new tmpfs with what the image has at its destination (the tmpcopyup option).
#pragma once

#include "base/error.h"
#include "sys/fd.h"

namespace brig {

// Copies directories, regular files and links from one directory into another, with mode and
// owner. Other kinds are left out. Never follows a link and never leaves `from`.
Result<> copy_up(FdRef from, FdRef to);

}  // namespace brig
