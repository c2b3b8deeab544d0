#include "cli/environment.h"

#include <charconv>
#include <cstdlib>
#include <string>

namespace brig::cli {
namespace {

// 0 for what is no number, as sd_listen_fds(3) has it.
unsigned number_in(std::string_view text) {
  unsigned number = 0;
  const auto [stop, error] = std::from_chars(text.begin(), text.end(), number);
  return error == std::errc() && stop == text.end() ? number : 0;
}

}  // namespace

std::string_view environment(std::string_view name) {
  const char* const value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::string_view() : value;
}

void take_service_environment(const Environment& variables, pid_t own_pid,
                              runtime::CreateOptions& options) {
  options.notify_socket = variables("NOTIFY_SOCKET");
  const unsigned count = number_in(variables("LISTEN_FDS"));
  if (count == 0 || number_in(variables("LISTEN_PID")) != static_cast<unsigned>(own_pid)) return;
  options.listen_fds = count;
  options.listen_fd_names = variables("LISTEN_FDNAMES");
}

}  // namespace brig::cli
