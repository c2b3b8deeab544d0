#include "linux/seccomp/version.h"

#include <seccomp.h>

#define BRIG_TEXT_OF(number) #number
#define BRIG_VERSION_TEXT(major, minor, micro) \
  BRIG_TEXT_OF(major) "." BRIG_TEXT_OF(minor) "." BRIG_TEXT_OF(micro)

namespace brig {

std::string_view libseccomp_version() {
  return BRIG_VERSION_TEXT(SCMP_VER_MAJOR, SCMP_VER_MINOR, SCMP_VER_MICRO);
}

}  // namespace brig
