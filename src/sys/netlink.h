// Messages of netlink(7): made and taken apart, with no call to the kernel.
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace brig::sys::netlink {

// A request with the header of its kind (struct ifinfomsg, ...), which attributes follow.
std::string message(std::uint16_t type, std::uint16_t flags, std::string_view header);
template <class Header>
std::string message(std::uint16_t type, std::uint16_t flags, const Header& header) {
  return message(type, flags,
                 std::string_view(reinterpret_cast<const char*>(&header), sizeof header));
}
void number(std::string& message, std::uint32_t sequence);

void add_bytes(std::string& message, std::uint16_t type, std::string_view value);
void add_text(std::string& message, std::uint16_t type, const std::string& value);  // with its NUL
template <class T>
void add(std::string& message, std::uint16_t type, const T& value) {
  add_bytes(message, type, std::string_view(reinterpret_cast<const char*>(&value), sizeof value));
}

std::uint16_t type_of(std::string_view message);

template <class T>
bool read(std::string_view bytes, T& value) {
  if (bytes.size() < sizeof value) return false;
  std::memcpy(&value, bytes.data(), sizeof value);
  return true;
}
template <class Header>
bool read_header(std::string_view message, Header& header) {
  return message.size() >= NLMSG_HDRLEN && read(message.substr(NLMSG_HDRLEN), header);
}

struct Attribute {
  std::uint16_t type = 0;
  std::string_view value;
};
// What follows a header of `header_size` bytes, as far as it is whole.
std::vector<Attribute> attributes(std::string_view message, std::size_t header_size);

// The answers to one request, over several datagrams. An error of the kernel's is an Error with
// its errno and, where there are any, its words; EINTR: a list that changed while it was made.
class Reply {
 public:
  explicit Reply(std::uint32_t sequence) : sequence_(sequence) {}
  Result<> take(std::string_view datagram);
  [[nodiscard]] bool is_complete() const { return complete_; }
  [[nodiscard]] const std::vector<std::string>& messages() const { return messages_; }

 private:
  Result<> take_message(std::string_view message, const nlmsghdr& header);

  std::uint32_t sequence_;
  bool complete_ = false, changed_ = false;
  std::vector<std::string> messages_;
};

}  // namespace brig::sys::netlink
