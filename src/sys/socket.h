// AF_UNIX sockets that carry messages and descriptors.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "sys/fd.h"

namespace brig::sys {

// socketpair(2): SOCK_SEQPACKET keeps message boundaries, so descriptors stay with their message.
Result<std::pair<Fd, Fd>> packet_pair();

// Connects to a SOCK_STREAM listener, also when the path is longer than sockaddr_un allows.
Result<Fd> connect_stream(const std::string& path);
// The same to a peer that may be stuck: neither the connection nor a later send waits for longer
// (ETIMEDOUT).
Result<Fd> connect_stream_within(const std::string& path, int timeout_ms);

// A stream without message boundaries: all of the data; and what there is, at least one byte and
// at most `limit` ("": the peer has closed).
Result<> send_stream(FdRef socket, std::string_view data);
Result<std::string> receive_stream(FdRef socket, std::size_t limit);

// One message with descriptors (SCM_RIGHTS). The data must not be empty.
Result<> send_message(FdRef socket, std::string_view data, std::span<const FdRef> fds = {});

struct Message {
  std::string data;  // empty: the peer has closed
  std::vector<Fd> fds;
};
// Longer messages and more descriptors than expected are an error, never cut silently.
Result<Message> receive_message(FdRef socket, std::size_t limit);

// A bound SOCK_DGRAM socket, mode 0777, for sd_notify(3).
Result<Fd> bind_datagram(const std::string& path);
// A socket that sends to the one at `path`, whose receiver may be slow, for 10 s a message.
Result<Fd> connect_datagram(const std::string& path);
// To a path, or to "@NAME" in the abstract namespace. Waits at most 10 s for a receiver whose queue
// is full.
Result<> send_datagram_to(const std::string& path, std::string_view data,
                          std::span<const FdRef> fds = {});

}  // namespace brig::sys
