#include "sys/proc_stat.h"

#include <algorithm>
#include <charconv>

#include "base/host_paths.h"
#include "sys/file.h"

namespace brig::sys {

namespace {

constexpr std::uint64_t kExiting = 0x4;  // PF_EXITING of the kernel's sched.h

// The numbers behind the name, from field 3 on; what is no number reads as 0.
std::uint64_t take_number(std::string_view& rest) {
  std::uint64_t number = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), number);
  rest.remove_prefix(std::min(rest.find(' '), rest.size() - 1) + 1);
  return number;
}

}  // namespace

Result<ProcessStat> parse_process_stat(std::string_view text) {
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 >= text.size())
    return fail(Errc::Protocol, "stat of a process that cannot be read");
  std::string_view rest = text.substr(name_end + 2);
  ProcessStat stat{.state = rest.front()};
  constexpr int kState = 3, kFlags = 9, kThreads = 20, kStartTime = 22;
  for (int field = kState; field <= kStartTime; ++field) {
    if (rest.empty()) return fail(Errc::Protocol, "stat of a process that cannot be read");
    const std::uint64_t number = take_number(rest);
    if (field == kFlags) stat.exiting = (number & kExiting) != 0;
    if (field == kThreads) stat.threads = static_cast<int>(number);
    if (field == kStartTime) stat.start_time = number;
  }
  return stat;
}

Result<ProcessStat> process_stat(pid_t pid) {
  const std::string text =
      TRY(read_file_at(FdRef::cwd(), cat(host_paths::kProc, "/", pid, "/stat")));
  return parse_process_stat(text);
}

Result<std::uint64_t> start_time_of(pid_t pid) {
  const ProcessStat stat = TRY(process_stat(pid));
  return stat.start_time;
}

}  // namespace brig::sys
