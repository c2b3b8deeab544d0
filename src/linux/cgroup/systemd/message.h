// D-Bus messages as bytes (https://dbus.freedesktop.org/doc/dbus-specification.html, "Message
// Protocol"), as far as talking to systemd takes it: calls out; answers and signals in. Little
// endian only: the peer is on this machine. What a peer sends is bounded and checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "linux/cgroup/systemd/value.h"

namespace brig {

struct DbusCall {
  std::string destination, path, interface, member;
  std::vector<DbusValue> arguments;
};

// `serial` is what the answer will name; not 0.
std::string encode_call(const DbusCall& call, std::uint32_t serial);

enum class DbusType : std::uint8_t { Call = 1, Return = 2, Error = 3, Signal = 4 };

struct DbusMessage {
  DbusType type = DbusType::Call;
  std::uint32_t reply_to = 0;  // the serial of the call that this answers
  std::string path, interface, member, error, sender, signature;
  std::string body;
};

inline constexpr std::size_t kDbusFixedHeader = 16;

// Of the message that begins with these bytes, of which there are kDbusFixedHeader at least.
Result<std::size_t> dbus_message_size(std::string_view beginning);
Result<DbusMessage> decode_message(std::string_view bytes);
Result<std::vector<DbusValue>> decode_body(const DbusMessage& message);

}  // namespace brig
