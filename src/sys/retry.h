// Internal to sys/: repeat a call that a signal interrupted.
#pragma once

#include <cerrno>

namespace brig::sys {

template <class Call>
auto retry_eintr(Call&& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

}  // namespace brig::sys
