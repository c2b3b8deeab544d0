// The log: a file in runc's format for engines, words on standard error for people.
//
// Engines need standard error silent on success and, on failure, exactly one JSON object in the
// file: so nothing below Error is logged unless it is asked for. Somebody at a terminal who named
// no log sees warnings too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/log_daemon.h"
#include "cli/options.h"
#include "runtime/runtime.h"
#include "sys/fd.h"

namespace brig::cli {

class Log {
 public:
  Log() = default;  // errors to standard error, as text
  // Opens the file, which is never truncated, or the way to the daemon.
  Result<> configure(const LogOptions& options);

  // An error goes to standard error as well, whatever else is asked for.
  void write(runtime::LogLevel level, std::string_view message);

  // What the caller has to know and standard output must not carry.
  static void announce(std::string_view message);

 private:
  [[nodiscard]] bool wants(runtime::LogLevel level) const;
  [[nodiscard]] std::string line(runtime::LogLevel level, std::string_view message) const;

  Result<> write_to_log(runtime::LogLevel level, std::string_view message);

  Fd file_;
  LogDaemon daemon_;
  LogFormat format_ = LogFormat::Text;
  std::optional<runtime::LogLevel> level_;
};

// The lines that go to a log, with their newline; `unix_time` in seconds.
std::string json_line(runtime::LogLevel level, std::string_view message, std::int64_t unix_time);
std::string text_line(runtime::LogLevel level, std::string_view message, std::int64_t unix_time);

}  // namespace brig::cli
