#pragma once

#include "base/error.h"
#include "init/isolate.h"
#include "linux/root.h"
#include "sys/fd.h"

namespace brig {

// Opens a pty, makes it the controlling terminal and standard input, output and error, and hands
// its master to the console socket or to the parent. The pty comes from `devpts`, the instance
// that becomes the container's /dev/pts; without one, from an instance that is never attached,
// which is returned and has to stay open until place_console().
Result<Fd> open_terminal(const Init& init, FdRef devpts);

// The pty as /dev/console.
Result<> place_console(const Init& init, const Root& root);

}  // namespace brig
