#include "cli/log_daemon.h"

#include <syslog.h>

#include <utility>

#include "base/host_paths.h"
#include "base/split.h"
#include "base/text.h"
#include "sys/process.h"
#include "sys/socket.h"

namespace brig::cli {
namespace {

using runtime::LogLevel;

constexpr std::string_view kJournal = "journald:", kSyslog = "syslog:";

int priority_of(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return LOG_DEBUG;
    case LogLevel::Info:
      return LOG_INFO;
    case LogLevel::Warning:
      return LOG_WARNING;
    case LogLevel::Error:
      return LOG_ERR;
  }
  std::unreachable();
}

std::string little_endian(std::uint64_t number) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xff);
  return bytes;
}

std::string journal_field(std::string_view name, std::string_view value) {
  if (!value.contains('\n')) return cat(name, "=", value, "\n");
  return cat(name, "\n", little_endian(value.size()), value, "\n");
}

}  // namespace

bool LogDaemon::is_meant(std::string_view destination) {
  return destination.starts_with(kJournal) || destination.starts_with(kSyslog);
}

Result<LogDaemon> LogDaemon::open(std::string_view destination) {
  LogDaemon daemon;
  daemon.is_journal_ = destination.starts_with(kJournal);
  const std::string_view name = destination.substr(destination.find(':') + 1);
  daemon.identifier_ = name.empty() ? "brig" : name;
  daemon.socket_ = TRY_DOING(
      sys::connect_datagram(daemon.is_journal_ ? host_paths::kJournal : host_paths::kSyslog),
      "--log ", destination);
  return daemon;
}

Result<> LogDaemon::send(LogLevel level, std::string_view message) const {
  if (is_journal_) return sys::send_message(socket_, journal_entry(level, identifier_, message));
  for (const std::string& packet : syslog_packets(level, identifier_, message))
    TRY(sys::send_message(socket_, packet));
  return {};
}

std::string journal_entry(LogLevel level, std::string_view identifier, std::string_view message) {
  return cat(journal_field("PRIORITY", cat(priority_of(level))),
             journal_field("SYSLOG_IDENTIFIER", identifier), journal_field("MESSAGE", message));
}

std::vector<std::string> syslog_packets(LogLevel level, std::string_view identifier,
                                        std::string_view message) {
  std::vector<std::string> packets;
  for (const std::string_view line : split(message, '\n'))
    packets.push_back(
        cat("<", LOG_USER | priority_of(level), ">", identifier, "[", sys::own_pid(), "]: ", line));
  return packets;
}

}  // namespace brig::cli
