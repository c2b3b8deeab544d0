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
  // Begins to log in; the peer works on that while we go on.
  static Result<DbusConnection> open(const std::string& path, DbusPeer peer);

  // Returns the serial that the answer will name.
  Result<std::uint32_t> send(const DbusCall& call);
  // The next message, whatever it is about. At the deadline (sys::monotonic_ms): ETIMEDOUT.
  Result<DbusMessage> receive(std::int64_t deadline_ms);

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  DbusConnection(Fd socket, std::string path, DbusPeer peer)
      : socket_(std::move(socket)), path_(std::move(path)), peer_(peer) {}

  Result<> finish_login();
  Result<> ask_for_signals();
  Result<> fill(std::int64_t deadline_ms);
  Result<std::string> take_line(std::int64_t deadline_ms);

  Fd socket_;
  std::string path_;
  DbusPeer peer_;
  std::string received_;
  bool logged_in_ = false;
  std::uint32_t last_serial_ = 0;
};

}  // namespace brig
