#include "container/id.h"

#include <algorithm>

#include "sys/random.h"

namespace brig {

namespace {

constexpr std::size_t kLongest = 255;  // NAME_MAX

bool is_allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '+' || c == '-' || c == '.';
}

}  // namespace

Result<> validate_id(std::string_view id) {
  if (id.empty()) return fail(Errc::BadConfig, "container id cannot be empty");
  if (id.size() > kLongest)
    return fail(Errc::BadConfig, cat("invalid container id format: ", id.size(),
                                     " bytes long, at most ", kLongest, " are allowed"));
  if (id.front() != '.' && std::ranges::all_of(id, is_allowed)) return {};
  return fail(Errc::BadConfig,
              cat("invalid container id format: '", id,
                  "': use letters, digits and _ + - . and do not start with a dot"));
}

Result<std::string> pick_id() {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz012345";  // 32: no bias
  const std::string bytes = TRY(sys::random_bytes(10));
  std::string id = "brig-";
  for (const char byte : bytes) id += kAlphabet[static_cast<unsigned char>(byte) % 32];
  return id;
}

}  // namespace brig
