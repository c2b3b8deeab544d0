// A D-Bus connection over an AF_UNIX socket: to systemd itself, or to a bus that it is on. Every
// wait ends at a deadline.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/error.h"
#include "linux/cgroup/systemd/message.h"
#include "sys/fd.h"

namespace brig {

// systemd's own socket spares the detour by the bus daemon, which may be busy or absent.
enum class DbusPeer : std::uint8_t { Systemd, Bus };

class DbusConnection {
 public:
  // Logs in and, on a bus, asks for its signals, without waiting for any answer: the peer works
  // on that while we go on.
  static Result<DbusConnection> open(const std::string& path, DbusPeer peer);

  // Returns the serial that the answer will name.
  Result<std::uint32_t> send(const DbusCall& call);
  // The next message, whatever it is about. At the deadline (sys::monotonic_ms): ETIMEDOUT.
  Result<DbusMessage> receive(std::int64_t deadline_ms);

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  DbusConnection(Fd socket, std::string path)
      : socket_(std::move(socket)), path_(std::move(path)) {}

  Result<> log_in(DbusPeer peer);
  Result<> fill(std::int64_t deadline_ms);
  Result<std::string> take_line(std::int64_t deadline_ms);
  Result<> expect_login(std::int64_t deadline_ms);

  Fd socket_;
  std::string path_;
  std::string received_;
  bool logged_in_ = false;
  std::uint32_t last_serial_ = 0;
};

}  // namespace brig
