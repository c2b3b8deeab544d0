#include "sys/netlink.h"

#include <algorithm>
#include <cerrno>

namespace brig::sys::netlink {

namespace {

constexpr std::size_t kAlignment = 4;

std::size_t aligned(std::size_t size) {
  return (size + kAlignment - 1) & ~(kAlignment - 1);
}

nlmsghdr header_of(std::string_view message) {
  nlmsghdr header{};
  read(message, header);
  return header;
}

void set_header(std::string& message, const nlmsghdr& header) {
  std::memcpy(message.data(), &header, sizeof header);
}

std::vector<Attribute> split(std::string_view bytes) {
  std::vector<Attribute> found;
  nlattr header{};
  while (read(bytes, header) && header.nla_len >= sizeof header && header.nla_len <= bytes.size()) {
    found.push_back({.type = static_cast<std::uint16_t>(header.nla_type & NLA_TYPE_MASK),
                     .value = bytes.substr(sizeof header, header.nla_len - sizeof header)});
    bytes.remove_prefix(std::min(aligned(header.nla_len), bytes.size()));
  }
  return found;
}

// With NETLINK_CAP_ACK the attributes come right after the error.
std::string words_of(std::string_view message, const nlmsghdr& header) {
  if ((header.nlmsg_flags & NLM_F_ACK_TLVS) == 0) return {};
  for (const Attribute& attribute : attributes(message, sizeof(nlmsgerr)))
    if (attribute.type == NLMSGERR_ATTR_MSG)
      return std::string(attribute.value.substr(0, attribute.value.find('\0')));
  return {};
}

}  // namespace

std::string message(std::uint16_t type, std::uint16_t flags, std::string_view header) {
  std::string out(NLMSG_HDRLEN + aligned(header.size()), '\0');
  nlmsghdr first{};
  first.nlmsg_len = static_cast<std::uint32_t>(out.size());
  first.nlmsg_type = type;
  first.nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST);
  set_header(out, first);
  header.copy(out.data() + NLMSG_HDRLEN, header.size());
  return out;
}

void number(std::string& message, std::uint32_t sequence) {
  nlmsghdr header = header_of(message);
  header.nlmsg_seq = sequence;
  set_header(message, header);
}

void add_bytes(std::string& message, std::uint16_t type, std::string_view value) {
  nlattr attribute{};
  attribute.nla_len = static_cast<std::uint16_t>(sizeof attribute + value.size());
  attribute.nla_type = type;
  message.append(reinterpret_cast<const char*>(&attribute), sizeof attribute);
  message.append(value);
  message.resize(aligned(message.size()));
  nlmsghdr header = header_of(message);
  header.nlmsg_len = static_cast<std::uint32_t>(message.size());
  set_header(message, header);
}

void add_text(std::string& message, std::uint16_t type, const std::string& value) {
  add_bytes(message, type, std::string_view(value.c_str(), value.size() + 1));
}

std::uint16_t type_of(std::string_view message) {
  return header_of(message).nlmsg_type;
}

std::vector<Attribute> attributes(std::string_view message, std::size_t header_size) {
  const std::size_t start = NLMSG_HDRLEN + aligned(header_size);
  return start > message.size() ? std::vector<Attribute>() : split(message.substr(start));
}

Result<> Reply::take(std::string_view datagram) {
  nlmsghdr header{};
  while (read(datagram, header)) {
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size())
      return fail(Errc::Protocol, "a message that is cut off");
    // Another number: the rest of an answer that nobody waited for.
    if (header.nlmsg_seq == sequence_)
      TRY(take_message(datagram.substr(0, header.nlmsg_len), header));
    datagram.remove_prefix(std::min(aligned(header.nlmsg_len), datagram.size()));
  }
  return {};
}

Result<> Reply::take_message(std::string_view message, const nlmsghdr& header) {
  changed_ = changed_ || (header.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
  const bool is_done = header.nlmsg_type == NLMSG_DONE;
  if (!is_done && header.nlmsg_type != NLMSG_ERROR) {
    messages_.emplace_back(message);
    return {};
  }
  complete_ = true;
  std::int32_t code = 0;  // both begin with it
  if (!read_header(message, code) && !is_done)
    return fail(Errc::Protocol, "a message that is cut off");
  if (code >= 0 && changed_)
    return std::unexpected(Error::system(EINTR, "what is listed has changed meanwhile"));
  if (code >= 0) return {};
  std::string words = words_of(message, header);
  return std::unexpected(Error::system(-code, words.empty() ? "netlink" : std::move(words)));
}

}  // namespace brig::sys::netlink
