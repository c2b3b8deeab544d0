#include "base/error.h"

#include <cstring>

namespace brig {

std::string errno_text(int err) {
  const char* text = strerrordesc_np(err);
  if (text == nullptr) return cat("errno ", err);
  std::string out = text;
  // Only the first letter: "Numerical result out of range", but "RPC version wrong" stays.
  if (out.size() > 1 && out[0] >= 'A' && out[0] <= 'Z' && (out[1] < 'A' || out[1] > 'Z'))
    out[0] = static_cast<char>(out[0] - 'A' + 'a');
  return out;
}

std::string Error::frames() const {
  std::string out;
  for (auto frame = detail_->frames.rbegin(); frame != detail_->frames.rend(); ++frame) {
    if (!out.empty()) out += ": ";
    out += *frame;
  }
  return out;
}

std::string Error::message() const {
  std::string out = frames();
  if (detail_->err == 0) return out;
  append(out, cat(": ", errno_text(detail_->err)));
  if (const char* name = strerrorname_np(detail_->err)) append(out, cat(" (", name, ")"));
  if (!detail_->hint.empty()) append(out, cat(": ", detail_->hint));
  return out;
}

}  // namespace brig
