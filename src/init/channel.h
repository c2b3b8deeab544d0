// The two ends of the conversation in init/protocol.h.
#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/wire.h"
#include "init/protocol.h"
#include "sys/fd.h"
#include "sys/socket.h"

namespace brig {

inline constexpr std::size_t kMaxPacket = 8 * 1024;

template <class Out, class In>
class Channel {
 public:
  Channel() = default;
  explicit Channel(Fd socket) : socket_(std::move(socket)) {}

  Result<> send(const Out& message, std::span<const FdRef> fds = {}) {
    return sys::send_message(socket_, wire::encode(message), fds);
  }

  // nullopt: the peer has closed its end, or is gone.
  Result<std::optional<In>> receive(std::vector<Fd>* fds = nullptr) {
    Result<sys::Message> received = sys::receive_message(socket_, kMaxPacket);
    // A peer that ended with our last message unread makes this an error, once, before what it
    // said itself.
    if (!received && received.error().sys_errno() == ECONNRESET)
      received = sys::receive_message(socket_, kMaxPacket);
    sys::Message packet = TRY(std::move(received));
    if (packet.data.empty()) return std::nullopt;
    if (fds != nullptr) *fds = std::move(packet.fds);
    In message = TRY(wire::decode<In>(packet.data));
    return message;
  }

  // Waits for one kind of answer; anything else, and a dead peer, is an error.
  template <class Answer>
  Result<Answer> expect() {
    std::optional<In> message = TRY(receive());
    if (!message) return fail(Errc::Protocol, "the other process is gone");
    if (auto* answer = std::get_if<Answer>(&*message)) return std::move(*answer);
    return fail(Errc::Protocol, "unexpected message");
  }

  template <class Answer>
  Result<Answer> ask(const Out& request, std::span<const FdRef> fds = {}) {
    TRY(send(request, fds));
    return expect<Answer>();
  }

  [[nodiscard]] FdRef socket() const { return socket_; }
  void close() { socket_.close(); }

 private:
  Fd socket_;
};

using InitChannel = Channel<FromInit, FromParent>;    // init's end
using ParentChannel = Channel<FromParent, FromInit>;  // the parent's end

}  // namespace brig
