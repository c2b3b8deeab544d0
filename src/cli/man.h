// The manual page, made from the tables: `brig help --man > brig.1`.
#pragma once

#include <string>

namespace brig::cli {

std::string man_page();

}  // namespace brig::cli
