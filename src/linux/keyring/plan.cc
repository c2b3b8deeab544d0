#include "linux/keyring/plan.h"

namespace brig {

namespace {

// keyrings(7). What a new session keyring has by itself: everything for who possesses it; view,
// read and link for its user.
constexpr std::uint32_t kSessionDefault = 0x3f130000;
constexpr std::uint32_t kUserSearch = 0x00080000;
constexpr std::uint32_t kOtherSearch = 0x00000008;

std::string keyring_name(const std::string& container_id) {
  return "_ses." + container_id;
}

}  // namespace

// A keyring is joined by name only by who may search it, and a new one grants that to nobody:
// without more, a process that enters the container later would silently get another keyring of
// the same name. In a user namespace it comes with an uid that is not the keyring's user.
KeyringPlan plan_keyring(const std::string& container_id, InUserNamespace nested) {
  return {.name = keyring_name(container_id),
          .permissions =
              kSessionDefault | (nested == InUserNamespace::Yes ? kOtherSearch : kUserSearch)};
}

KeyringPlan plan_joined_keyring(const std::string& container_id) {
  return {.name = keyring_name(container_id), .permissions = std::nullopt};
}

}  // namespace brig
