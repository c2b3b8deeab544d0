#include "linux/cgroup/systemd/connection.h"

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "sys/process.h"
#include "sys/socket.h"

namespace brig {

namespace {

using namespace std::string_view_literals;

constexpr int kSendMs = 10'000;  // for a peer that accepts or reads nothing
constexpr int kLoginMs = 30'000;
constexpr char kLoggingIn[] = "wait for the login";
constexpr std::size_t kChunk = 16 * 1024;
constexpr std::size_t kLongestLine = 512;

// As whoever the kernel says we are: a user id of ours would be wrong in a user namespace. The
// peer is sent all its lines at once; it answers DATA, then OK.
constexpr std::string_view kLogin = "\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n"sv;

DbusCall bus_call(const char* member) {
  return {.destination = "org.freedesktop.DBus",
          .path = "/org/freedesktop/DBus",
          .interface = "org.freedesktop.DBus",
          .member = member};
}

}  // namespace

Result<DbusConnection> DbusConnection::open(const std::string& path, DbusPeer peer) {
  Fd socket = TRY(sys::connect_stream_within(path, kSendMs));
  TRY_DOING(sys::send_stream(socket, kLogin), path);
  return DbusConnection(std::move(socket), path, peer);
}

// The first message has to wait for this: systemd may read it together with the login, and would
// then look at it only when more comes.
Result<> DbusConnection::finish_login() {
  const std::int64_t deadline = sys::monotonic_ms() + kLoginMs;
  std::string line = TRY_DOING(take_line(deadline), kLoggingIn);
  if (line.starts_with("DATA")) line = TRY_DOING(take_line(deadline), kLoggingIn);
  if (!line.starts_with("OK "))
    return fail(Errc::Denied, cat(path_, ": the login was answered by '", line, "'"));
  logged_in_ = true;
  return peer_ == DbusPeer::Bus ? ask_for_signals() : Result<>();
}

// A bus has to be greeted, and passes on only what it was asked for.
Result<> DbusConnection::ask_for_signals() {
  TRY(send(bus_call("Hello")));
  DbusCall match = bus_call("AddMatch");
  match.arguments = {
      dbus::text("type='signal',sender='org.freedesktop.systemd1',"
                 "interface='org.freedesktop.systemd1.Manager',member='JobRemoved'")};
  TRY(send(match));
  return {};
}

Result<std::uint32_t> DbusConnection::send(const DbusCall& call) {
  if (!logged_in_) TRY(finish_login());
  TRY_DOING(sys::send_stream(socket_, encode_call(call, ++last_serial_)), path_);
  return last_serial_;
}

// Waits for at least one byte more.
Result<> DbusConnection::fill(std::int64_t deadline_ms) {
  const std::int64_t left = std::max<std::int64_t>(deadline_ms - sys::monotonic_ms(), 0);
  const std::vector<bool> ready = TRY(sys::wait_readable({socket_}, static_cast<int>(left)));
  if (!ready[0]) return std::unexpected(Error::system(ETIMEDOUT, path_));
  const std::string more = TRY_DOING(sys::receive_stream(socket_, kChunk), path_);
  if (more.empty()) return fail(Errc::Protocol, cat(path_, ": the connection was closed"));
  received_ += more;
  return {};
}

Result<std::string> DbusConnection::take_line(std::int64_t deadline_ms) {
  std::size_t end = received_.find("\r\n");
  while (end == std::string::npos) {
    if (received_.size() > kLongestLine)
      return fail(Errc::Protocol, cat(path_, ": this does not speak D-Bus"));
    TRY(fill(deadline_ms));
    end = received_.find("\r\n");
  }
  std::string line = received_.substr(0, end);
  received_.erase(0, end + 2);
  return line;
}

Result<DbusMessage> DbusConnection::receive(std::int64_t deadline_ms) {
  while (received_.size() < kDbusFixedHeader) TRY(fill(deadline_ms));
  const std::size_t size = TRY_DOING(dbus_message_size(received_), path_);
  while (received_.size() < size) TRY(fill(deadline_ms));
  DbusMessage message =
      TRY_DOING(decode_message(std::string_view(received_).substr(0, size)), path_);
  received_.erase(0, size);
  return message;
}

}  // namespace brig
