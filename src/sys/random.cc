#include "sys/random.h"

#include <sys/random.h>

namespace brig::sys {

Result<std::string> random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (::getrandom(bytes.data(), count, 0) != static_cast<ssize_t>(count))
    return fail_errno("getrandom");
  return bytes;
}

}  // namespace brig::sys
