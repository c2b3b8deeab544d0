// "Did you mean": which known word a mistyped one stands for.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace brig {

// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The known word that is nearest: the only one that `word` begins, or one at most a third of the
// letters away. Empty when nothing is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace brig
