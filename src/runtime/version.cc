#include "runtime/version.h"

#include "linux/seccomp/version.h"

#ifndef BRIG_COMMIT
#define BRIG_COMMIT ""
#endif

namespace brig::runtime {

std::string_view version() {
  return BRIG_VERSION;
}
std::string_view commit() {
  return BRIG_COMMIT;
}
std::string_view libseccomp_version() {
  return brig::libseccomp_version();
}

}  // namespace brig::runtime
