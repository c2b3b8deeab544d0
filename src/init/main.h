// Where a new process becomes the init of a container. There are two ways to it:
//
// - As a copy of its parent (run_init). The fastest, and safe while nobody but init is in its pid
//   namespace: what the container executes, it executes through the trampoline.
// - As the same binary executed again from a read-only clone (init_main), when others may look at
//   it, or when the parent has threads.
#pragma once

#include "init/isolate.h"
#include "sys/fd.h"

namespace brig {

[[noreturn]] void run_init(const InitPlan& plan, HandoverHeader& shared) noexcept;

// argv[0] of that life; the command line hands over to init_main when it sees it.
inline constexpr const char kInitName[] = "brig-init";

// argv: name, number of the hand-over file's descriptor. Ends in execve or _exit.
[[noreturn]] void init_main(int argc, char** argv) noexcept;

}  // namespace brig
