#include "linux/cgroup/blockers.h"

#include <algorithm>
#include <string_view>

#include "base/host_paths.h"
#include "base/text.h"
#include "sys/file.h"
#include "sys/proc_stat.h"

namespace brig {

namespace {

constexpr std::size_t kNamedProcesses = 5;

struct Standstill {
  char state = '?';  // '?': the process has gone
  std::string where;
};

Standstill look_at(pid_t pid) {
  Standstill found;
  const Result<sys::ProcessStat> stat = sys::process_stat(pid);
  if (!stat) return found;
  found.state = stat->state;
  const Result<std::string> channel =
      sys::read_file_at(FdRef::cwd(), cat(host_paths::kProc, "/", pid, "/wchan"));
  if (channel && *channel != "0") found.where = *channel;  // 0: it runs, or we may not know
  return found;
}

std::string describe_process(pid_t pid) {
  const Standstill found = look_at(pid);
  if (found.state == '?') return cat(pid);
  if (found.where.empty()) return cat(pid, " (", found.state, ")");
  return cat(pid, " (", found.state, " in ", found.where, ")");
}

// A process of cgroup v2 that stands still looks like one that sleeps; one of v1 like one that
// cannot be interrupted.
bool stands_still(const Standstill& found) {
  return (found.state != 'R' && found.state != 'D') || found.where == "__refrigerator";
}

}  // namespace

std::string describe_processes(const std::vector<pid_t>& pids) {
  std::string text;
  for (std::size_t i = 0; i < std::min(pids.size(), kNamedProcesses); ++i)
    text += cat(i == 0 ? "" : " ", describe_process(pids[i]));
  return text;
}

std::vector<pid_t> not_frozen(const std::vector<pid_t>& pids) {
  std::vector<pid_t> found;
  for (const pid_t pid : pids)
    if (!stands_still(look_at(pid))) found.push_back(pid);
  return found;
}

}  // namespace brig
