// Base 64 (RFC 4648, section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace brig {

// Nothing unless all of the text is base64, with its padding. Bits beyond the last byte are
// ignored.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace brig
