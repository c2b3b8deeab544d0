#include "base/utf8.h"

#include <cstdint>

namespace brig::utf8 {
namespace {

struct Lead {
  std::size_t length;
  std::uint8_t second_min, second_max;  // the rest are always 80..BF
};

// Unicode 15, table 3-7: the second byte's range is what excludes overlong forms and surrogates.
constexpr Lead lead_of(std::uint8_t first) {
  if (first < 0xC2) return {0, 0, 0};
  if (first < 0xE0) return {2, 0x80, 0xBF};
  if (first == 0xE0) return {3, 0xA0, 0xBF};
  if (first == 0xED) return {3, 0x80, 0x9F};
  if (first < 0xF0) return {3, 0x80, 0xBF};
  if (first == 0xF0) return {4, 0x90, 0xBF};
  if (first < 0xF4) return {4, 0x80, 0xBF};
  if (first == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

std::size_t sequence_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  if (text.empty()) return 0;
  if (byte(0) < 0x80) return 1;
  const Lead lead = lead_of(byte(0));
  if (lead.length == 0 || text.size() < lead.length) return 0;
  if (byte(1) < lead.second_min || byte(1) > lead.second_max) return 0;
  for (std::size_t i = 2; i < lead.length; ++i)
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  return lead.length;
}

}  // namespace brig::utf8
