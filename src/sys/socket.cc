#include "sys/socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cstring>

#include "sys/file.h"
#include "sys/retry.h"

namespace brig::sys {

namespace {

constexpr std::size_t kMaxFds = 8;  // in one message; the protocol never needs more
constexpr int kSendMs = 10'000;     // a receiver that does not read must not hold us

struct Address {
  sockaddr_un name{};
  socklen_t size = sizeof(sockaddr_un);
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&name); }
};

// A path beyond the 108 bytes of sun_path is reached through a descriptor of its inode.
Result<Address> address_of(const std::string& path, Fd& holder) {
  Address address;
  address.name.sun_family = AF_UNIX;
  std::string name = path;
  if (name.size() >= sizeof address.name.sun_path) {
    holder = TRY(open_at(FdRef::cwd(), path, O_PATH));
    name = fd_path(holder);
  }
  std::memcpy(address.name.sun_path, name.c_str(), name.size() + 1);
  return address;
}

// "@name" is a name in the abstract namespace (unix(7)): a zero byte, and no zero byte at its
// end, which would be part of it.
void make_abstract(Address& address, const std::string& path) {
  address.name.sun_path[0] = '\0';
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
}

struct ControlBuffer {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMaxFds * sizeof(int))> bytes{};
};

void put_fds(msghdr& header, ControlBuffer& control, std::span<const FdRef> fds) {
  if (fds.empty()) return;
  header.msg_control = control.bytes.data();
  header.msg_controllen = CMSG_SPACE(fds.size() * sizeof(int));
  auto* rights = reinterpret_cast<cmsghdr*>(control.bytes.data());
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
  for (std::size_t i = 0; i < fds.size(); ++i) {
    const int fd = fds[i].raw();
    std::memcpy(CMSG_DATA(rights) + i * sizeof fd, &fd, sizeof fd);
  }
}

std::vector<Fd> take_fds(msghdr& header) {
  std::vector<Fd> fds;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      fds.emplace_back(fd);
    }
  }
  return fds;
}

// Also bounds connect(2), to a listener that accepts nobody.
Result<> bound_sending(FdRef socket, int timeout_ms) {
  const timeval longest{.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
  if (::setsockopt(socket.raw(), SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof longest) != 0)
    return fail_errno("setsockopt SO_SNDTIMEO");
  return {};
}

// The end of that time is EAGAIN, whose words would lead nobody to the reason.
int errno_of_sending() {
  return errno == EAGAIN ? ETIMEDOUT : errno;
}

Result<> send_with(FdRef socket, std::string_view data, std::span<const FdRef> fds,
                   const Address* address) {
  if (fds.size() > kMaxFds) return std::unexpected(Error::system(EINVAL, "sendmsg"));
  iovec part{.iov_base = const_cast<char*>(data.data()), .iov_len = data.size()};
  ControlBuffer control;
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (address != nullptr) {
    header.msg_name = const_cast<sockaddr_un*>(&address->name);
    header.msg_namelen = address->size;
  }
  put_fds(header, control, fds);
  const ssize_t sent = retry_eintr([&] { return ::sendmsg(socket.raw(), &header, MSG_NOSIGNAL); });
  if (sent < 0) return fail_errno("sendmsg");
  return {};
}

}  // namespace

Result<std::pair<Fd, Fd>> packet_pair() {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds.data()) != 0)
    return fail_errno("socketpair");
  return std::pair(Fd(fds[0]), Fd(fds[1]));
}

Result<Fd> connect_stream(const std::string& path) {
  return connect_stream_within(path, 0);
}

Result<Fd> connect_stream_within(const std::string& path, int timeout_ms) {
  Fd holder;
  const Address address = TRY(address_of(path, holder));
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("socket");
  if (timeout_ms > 0) TRY(bound_sending(socket, timeout_ms));
  if (retry_eintr([&] { return ::connect(socket.raw(), address.get(), address.size); }) != 0)
    return std::unexpected(Error::system(errno_of_sending(), cat("connect to ", path)));
  return socket;
}

Result<> send_stream(FdRef socket, std::string_view data) {
  while (!data.empty()) {
    const ssize_t sent =
        retry_eintr([&] { return ::send(socket.raw(), data.data(), data.size(), MSG_NOSIGNAL); });
    if (sent < 0) return std::unexpected(Error::system(errno_of_sending(), "send"));
    data.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<std::string> receive_stream(FdRef socket, std::size_t limit) {
  std::string data(limit, '\0');
  const ssize_t got = retry_eintr([&] { return ::recv(socket.raw(), data.data(), limit, 0); });
  if (got < 0) return fail_errno("recv");
  data.resize(static_cast<std::size_t>(got));
  return data;
}

Result<> send_message(FdRef socket, std::string_view data, std::span<const FdRef> fds) {
  return send_with(socket, data, fds, nullptr);
}

Result<Message> receive_message(FdRef socket, std::size_t limit) {
  Message message;
  message.data.resize(limit);
  iovec part{.iov_base = message.data.data(), .iov_len = limit};
  ControlBuffer control;
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes.data();
  header.msg_controllen = control.bytes.size();
  const ssize_t got =
      retry_eintr([&] { return ::recvmsg(socket.raw(), &header, MSG_CMSG_CLOEXEC); });
  if (got < 0) return fail_errno("recvmsg");
  message.fds = take_fds(header);
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    return fail(Errc::Protocol, "recvmsg: a message that is too long");
  message.data.resize(static_cast<std::size_t>(got));
  return message;
}

Result<Fd> bind_datagram(const std::string& path) {
  Fd holder;
  const Address address = TRY(address_of(path, holder));
  Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("socket");
  if (::bind(socket.raw(), address.get(), address.size) != 0) return fail_errno("bind ", path);
  if (::chmod(path.c_str(), 0777) != 0) return fail_errno("chmod ", path);
  return socket;
}

Result<Fd> connect_datagram(const std::string& path) {
  Fd holder;
  const Address address = TRY(address_of(path, holder));
  Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("socket");
  TRY(bound_sending(socket, kSendMs));
  if (::connect(socket.raw(), address.get(), address.size) != 0)
    return fail_errno("connect to ", path);
  return socket;
}

Result<> send_datagram_to(const std::string& path, std::string_view data,
                          std::span<const FdRef> fds) {
  Fd holder;
  Address address = TRY(address_of(path, holder));
  if (path.starts_with('@')) make_abstract(address, path);
  const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("socket");
  TRY(bound_sending(socket, kSendMs));
  Result<> sent = send_with(socket, data, fds, &address);
  if (!sent) sent.error().add_context(cat("send to ", path));
  return sent;
}

}  // namespace brig::sys
