#include "sys/personality.h"

#include <sys/personality.h>

namespace brig::sys {

Result<> set_personality(unsigned long domain) {
  if (::personality(domain) < 0) return fail_errno("personality ", domain);
  return {};
}

Result<unsigned long> get_personality() {
  const int domain = ::personality(0xffffffffUL);
  if (domain < 0) return fail_errno("personality");
  return static_cast<unsigned long>(domain);
}

}  // namespace brig::sys
