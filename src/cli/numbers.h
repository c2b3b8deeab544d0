// Numbers as people write them behind a flag.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"

namespace brig::cli {

// Bytes: "67108864", "64m", "1.5GiB", "64 MB", or "-1". Units are powers of 1024, in either case,
// as Docker reads them.
Result<std::int64_t> parse_size(std::string_view text);

// What a flag is given goes into its member; without text the flag counts as not given, as runc
// has it. The error names the flag: "invalid value 'x' for --memory: not a size such as 64m".
Result<> set_size(std::string_view flag, std::string_view text, std::optional<std::int64_t>& into);
Result<> set_number(std::string_view flag, std::string_view text,
                    std::optional<std::int64_t>& into);
Result<> set_number(std::string_view flag, std::string_view text,
                    std::optional<std::uint64_t>& into);
Result<> set_number(std::string_view flag, std::string_view text,
                    std::optional<std::uint16_t>& into);

}  // namespace brig::cli
