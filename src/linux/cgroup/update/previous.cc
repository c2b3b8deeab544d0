#include "linux/cgroup/update/previous.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "linux/cgroup/parse.h"

namespace brig {

namespace {

std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find(' '));
}

// With a line for each device, resource or interface.
bool is_keyed(const CgroupWrite& write) {
  constexpr std::array<std::string_view, 3> kFiles = {"rdma.max", "misc.max", "net_prio.ifpriomap"};
  return first_word(write.value).contains(':') ||
         std::find(kFiles.begin(), kFiles.end(), write.file) != kFiles.end();
}

// What a device without a line of its own has.
std::string_view default_of(std::string_view file) {
  if (file == "io.max") return "rbps=max wbps=max riops=max wiops=max";
  if (file == "io.weight") return "default";
  if (file == "rdma.max") return "hca_handle=max hca_object=max";
  if (file == "misc.max") return "max";
  return "0";  // cgroup v1: no rule
}

}  // namespace

std::string previous_value(const CgroupWrite& write, std::string_view now) {
  if (is_keyed(write)) {
    const std::string_view key = first_word(write.value);
    for (const std::string_view line : split(now, '\n'))
      if (first_word(line) == key) return std::string(line);
    return cat(key, " ", default_of(write.file));
  }
  std::string_view line = now.substr(0, now.find('\n'));
  // "default 100" of io.weight, "oom_kill_disable 0" of memory.oom_control.
  for (const std::string_view name : {"default ", "oom_kill_disable "})
    if (line.starts_with(name)) line.remove_prefix(name.size());
  // No byte at all would be no command at all.
  return line.empty() ? "\n" : std::string(line);
}

}  // namespace brig
