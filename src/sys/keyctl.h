// keyctl(2), the part about session keyrings.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"

namespace brig::sys {

using KeySerial = std::int32_t;

// KEYCTL_JOIN_SESSION_KEYRING: the keyring of that name if we may search it, else a new one.
Result<KeySerial> join_session_keyring(const std::string& name);

// KEYCTL_DESCRIBE: "keyring;UID;GID;3f130000;NAME".
Result<std::string> describe_key(KeySerial key);

// KEYCTL_SETPERM: a KEY_POS_* | KEY_USR_* | KEY_GRP_* | KEY_OTH_* mask.
Result<> set_key_permissions(KeySerial key, std::uint32_t permissions);

}  // namespace brig::sys
