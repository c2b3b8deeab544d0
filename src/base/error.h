// Errors are values. An Error names what was being done, outermost frame first, and ends with
// the system's own words; Result<T> carries either a T or an Error.
#pragma once

#include <cerrno>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"

namespace brig {

// Only what a caller branches on; everything else is in the message.
enum class Errc : std::uint8_t {
  System,       // a syscall failed; sys_errno() says how
  BadConfig,    // config.json or an option is wrong
  NotFound,     // no such container
  Exists,       // the container id is taken
  WrongState,   // the container is not in a state that allows this
  Unsupported,  // this host or this build cannot do it
  Denied,       // refused for safety
  Protocol,     // the other process died or spoke nonsense
};

class [[nodiscard]] Error {
 public:
  static Error make(Errc code, std::string what) { return Error(code, 0, std::move(what)); }
  static Error system(int err, std::string what) {
    return Error(Errc::System, err, std::move(what));
  }

  // An error that another process reported.
  static Error relayed(Errc code, int err, std::string what) {
    return Error(code, err, std::move(what));
  }

  // What the system's words do not say; printed after them.
  void set_hint(std::string hint) { detail_->hint = std::move(hint); }

  // Frames are added from the inside out, and printed from the outside in.
  void add_context(std::string doing) { detail_->frames.push_back(std::move(doing)); }

  [[nodiscard]] Errc code() const noexcept { return detail_->code; }
  [[nodiscard]] int sys_errno() const noexcept { return detail_->err; }

  // "create 'web': mount proc on /proc: fsmount: operation not permitted (EPERM)".
  // The errno text is lower case: engines match Go's spelling of it, case-sensitively.
  [[nodiscard]] std::string message() const;
  [[nodiscard]] std::string frames() const;  // the same without the errno's words

 private:
  struct Detail {
    Errc code;
    int err;
    std::vector<std::string> frames;
    std::string hint;
  };
  Error(Errc code, int err, std::string what) : detail_(new Detail{code, err, {}, {}}) {
    add_context(std::move(what));
  }
  std::unique_ptr<Detail> detail_;
};
static_assert(sizeof(Error) == sizeof(void*));

template <class T = void>
using Result = std::expected<T, Error>;

// "no such file or directory" for ENOENT: strerror's words, in lower case.
[[nodiscard]] std::string errno_text(int err);

[[nodiscard]] inline std::unexpected<Error> fail(Errc code, std::string what) {
  return std::unexpected(Error::make(code, std::move(what)));
}
// Takes errno first, before building the message can change it.
template <class... Parts>
[[nodiscard]] std::unexpected<Error> fail_errno(const Parts&... parts) {
  const int err = errno;
  return std::unexpected(Error::system(err, cat(parts...)));
}

// A result that is dropped on purpose, with the reason.
template <class T>
void ignore(const Result<T>& /*result*/, const char* /*why*/) {}

}  // namespace brig

// TRY(expr): the value of expr, or return its error from the enclosing function.
// Only as a whole statement or the whole right-hand side of an initialiser: inside a braced
// list g++ 12 does not destroy the elements before it when it returns (tools/check_rules).
#define TRY(...)                                             \
  __extension__({                                            \
    auto&& try_result = (__VA_ARGS__);                       \
    if (!try_result) [[unlikely]]                            \
      return std::unexpected(std::move(try_result).error()); \
    *std::move(try_result);                                  \
  })

// As TRY, with a frame of context that is built only on failure.
#define TRY_DOING(expr, ...)                                    \
  __extension__({                                               \
    auto&& try_result = (expr);                                 \
    if (!try_result) [[unlikely]] {                             \
      try_result.error().add_context(::brig::cat(__VA_ARGS__)); \
      return std::unexpected(std::move(try_result).error());    \
    }                                                           \
    *std::move(try_result);                                     \
  })
