#include "sys/proc_stat.h"

#include <charconv>

#include "base/host_paths.h"
#include "sys/file.h"

namespace brig::sys {

Result<ProcessStat> parse_process_stat(std::string_view text) {
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 >= text.size())
    return fail(Errc::Protocol, "stat of a process that cannot be read");
  std::string_view rest = text.substr(name_end + 2);  // field 3, the state, starts here
  ProcessStat stat{.state = rest.front()};
  constexpr int kStartTime = 22;
  for (int field = 3; field < kStartTime; ++field) {
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos)
      return fail(Errc::Protocol, "stat of a process that cannot be read");
    rest.remove_prefix(space + 1);
  }
  std::from_chars(rest.data(), rest.data() + rest.size(), stat.start_time);
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
