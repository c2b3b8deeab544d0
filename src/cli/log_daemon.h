// Logging to a daemon of the host: --log journald:ID and --log syslog:ID.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "runtime/runtime.h"
#include "sys/fd.h"

namespace brig::cli {

class LogDaemon {
 public:
  LogDaemon() = default;
  // "journald:web"; without a name after the colon it is brig's. A daemon that does not listen is
  // an error: who asks for a log must not be left without one in silence.
  static Result<LogDaemon> open(std::string_view destination);
  static bool is_meant(std::string_view destination);

  explicit operator bool() const { return static_cast<bool>(socket_); }
  [[nodiscard]] Result<> send(runtime::LogLevel level, std::string_view message) const;

 private:
  Fd socket_;
  bool is_journal_ = false;
  std::string identifier_;
};

// systemd's "Native Journal Protocol": a field a line, or with its length where it has lines
// itself.
std::string journal_entry(runtime::LogLevel level, std::string_view identifier,
                          std::string_view message);
// RFC 3164 as syslog(3) sends it to the daemon of its own host, a packet a line of the message; but
// without the time, which the daemon adds (section 4.3.2) by its own clock and zone.
std::vector<std::string> syslog_packets(runtime::LogLevel level, std::string_view identifier,
                                        std::string_view message);

}  // namespace brig::cli
