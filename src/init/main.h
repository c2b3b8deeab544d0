// The second life of the brig binary: as the init process of a container.
#pragma once

namespace brig {

// argv[0] of that life; the command line hands over to init_main when it sees it.
inline constexpr const char kInitName[] = "brig-init";

// argv: name, number of the hand-over file's descriptor. Ends in execve or _exit.
[[noreturn]] void init_main(int argc, char** argv) noexcept;

}  // namespace brig
