// UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace brig::utf8 {

// How many bytes the valid sequence at the start of `text` takes: 1 to 4, or 0 when there is none.
[[nodiscard]] std::size_t sequence_length(std::string_view text);

}  // namespace brig::utf8
