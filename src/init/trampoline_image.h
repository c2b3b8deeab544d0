#pragma once

#include <string_view>

namespace brig {

std::string_view trampoline_image();  // an ELF executable with one segment

}  // namespace brig
