// The trampoline's bytes, put into the binary at build time.
#include "init/trampoline_image.h"

asm(".section .rodata\n"
    ".balign 16\n"
    "brig_trampoline_begin:\n"
    ".incbin \"" BRIG_TRAMPOLINE
    "\"\n"
    "brig_trampoline_end:\n"
    ".text\n");

extern "C" const char brig_trampoline_begin[];
extern "C" const char brig_trampoline_end[];

namespace brig {

std::string_view trampoline_image() {
  return {brig_trampoline_begin,
          static_cast<std::size_t>(brig_trampoline_end - brig_trampoline_begin)};
}

}  // namespace brig
