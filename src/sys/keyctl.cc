#include "sys/keyctl.h"

#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace brig::sys {

Result<KeySerial> join_session_keyring(const std::string& name) {
  const long serial = ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name.c_str());
  if (serial < 0) return fail_errno("keyctl KEYCTL_JOIN_SESSION_KEYRING");
  return static_cast<KeySerial>(serial);
}

Result<std::string> describe_key(KeySerial key) {
  std::string text(512, '\0');
  while (true) {
    const long size = ::syscall(SYS_keyctl, KEYCTL_DESCRIBE, key, text.data(), text.size());
    if (size < 0) return fail_errno("keyctl KEYCTL_DESCRIBE");
    const auto needed = static_cast<std::size_t>(size);  // with the terminating NUL
    const bool whole = needed <= text.size();
    text.resize(whole ? needed - 1 : needed);
    if (whole) return text;
  }
}

Result<> set_key_permissions(KeySerial key, std::uint32_t permissions) {
  if (::syscall(SYS_keyctl, KEYCTL_SETPERM, key, permissions) != 0)
    return fail_errno("keyctl KEYCTL_SETPERM");
  return {};
}

}  // namespace brig::sys
