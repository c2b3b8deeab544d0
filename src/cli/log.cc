#include "cli/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/terminal.h"

namespace brig::cli {
namespace {

using runtime::LogLevel;

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return "debug";
    case LogLevel::Info:
      return "info";
    case LogLevel::Warning:
      return "warning";
    case LogLevel::Error:
      return "error";
  }
  std::unreachable();
}

void append_padded(std::string& out, unsigned number, std::size_t digits) {
  const std::string text = cat(number);
  out.append(digits - std::min(digits, text.size()), '0');
  out += text;
}

// "2026-01-02T03:04:05Z". Not gmtime(3), which reads /etc/localtime first.
std::string rfc3339(std::int64_t unix_time) {
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_time)};
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(time - midnight);
  std::string out;
  append_padded(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_padded(out, static_cast<unsigned>(clock.hours().count()), 2);
  out += ':';
  append_padded(out, static_cast<unsigned>(clock.minutes().count()), 2);
  out += ':';
  append_padded(out, static_cast<unsigned>(clock.seconds().count()), 2);
  out += 'Z';
  return out;
}

// The message on one line, between quotes.
std::string quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (byte < 0x20 || byte == 0x7f)
      out += {'\\', 'x', kHex[byte >> 4U], kHex[byte & 0xfU]};
    else
      out += c;
  }
  return out + '"';
}

void write_to_stderr(std::string_view text) {
  ignore(sys::write_all(FdRef::number(STDERR_FILENO), text), "there is nowhere left to say it");
}

}  // namespace

std::string json_line(LogLevel level, std::string_view message, std::int64_t unix_time) {
  json::Writer writer;
  writer.begin_object();
  writer.member("level", name_of(level));
  writer.member("msg", message);
  writer.member("time", std::string_view(rfc3339(unix_time)));
  writer.end_object();
  return writer.take() + '\n';
}

std::string text_line(LogLevel level, std::string_view message, std::int64_t unix_time) {
  return cat("time=\"", rfc3339(unix_time), "\" level=", name_of(level), " msg=", quoted(message),
             "\n");
}

Result<> Log::configure(const LogOptions& options) {
  format_ = options.format;
  level_ = options.debug ? LogLevel::Debug : options.level;
  std::string_view path = options.destination;
  if (path.empty() && options.to_journal) path = "journald:brig";
  if (LogDaemon::is_meant(path)) {
    daemon_ = TRY(LogDaemon::open(path));
    return {};
  }
  if (path.starts_with("file:")) path.remove_prefix(5);
  if (path.empty()) return {};
  file_ = TRY_DOING(
      sys::open_at(FdRef::cwd(), std::string(path), O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY, 0644),
      "--log");
  return {};
}

bool Log::wants(LogLevel level) const {
  if (level == LogLevel::Error) return true;
  if (level_) return level >= *level_;
  if (file_ || daemon_) return false;
  return level == LogLevel::Warning && sys::is_terminal(FdRef::number(STDERR_FILENO));
}

std::string Log::line(LogLevel level, std::string_view message) const {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  const std::int64_t now = sys::wall_clock_ns() / kNanoseconds;
  return format_ == LogFormat::Json ? json_line(level, message, now)
                                    : text_line(level, message, now);
}

Result<> Log::write_to_log(LogLevel level, std::string_view message) {
  // One write(2) a line: several processes share a file (O_APPEND), and none may cut another's.
  if (file_) return sys::write_all(file_, line(level, message));
  // The daemon keeps level and time by itself; who asks for JSON gets it all the same, as with
  // crun.
  if (format_ == LogFormat::Text) return daemon_.send(level, message);
  std::string json = line(level, message);
  json.pop_back();
  return daemon_.send(level, json);
}

void Log::write(LogLevel level, std::string_view message) {
  if (!wants(level)) return;
  if (file_ || daemon_) {
    const Result<> written = write_to_log(level, message);
    if (!written) write_to_stderr(cat("brig: --log: ", written.error().message(), "\n"));
    if (level != LogLevel::Error) return;
  } else if (format_ == LogFormat::Json) {
    return write_to_stderr(line(level, message));
  }
  const std::string_view kind = level == LogLevel::Error ? "" : name_of(level);
  write_to_stderr(cat("brig: ", kind, kind.empty() ? "" : ": ", message, "\n"));
}

void Log::announce(std::string_view message) {
  write_to_stderr(cat("brig: ", message, "\n"));
}

}  // namespace brig::cli
