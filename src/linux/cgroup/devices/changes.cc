#include "linux/cgroup/devices/changes.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/text.h"
#include "linux/cgroup/parse.h"

namespace brig {

namespace {

// "c 1:3" -> the letters of "rwm".
using Allowed = std::map<std::string, std::set<char>, std::less<>>;

void add_line(Allowed& allowed, std::string_view line) {
  const std::size_t blank = line.find_last_of(' ');
  if (blank == line.npos) return;
  std::set<char>& access = allowed[std::string(line.substr(0, blank))];
  for (const char letter : line.substr(blank + 1)) access.insert(letter);
}

// What `some` has and `others` have not, as lines.
std::vector<std::string> without(const Allowed& some, const Allowed& others) {
  std::vector<std::string> lines;
  for (const auto& [device, access] : some) {
    const auto other = others.find(device);
    std::string letters;
    for (const char letter : std::string_view("rwm"))
      if (access.contains(letter) && (other == others.end() || !other->second.contains(letter)))
        letters += letter;
    if (!letters.empty()) lines.push_back(cat(device, " ", letters));
  }
  return lines;
}

}  // namespace

V1DeviceChanges v1_device_changes(const std::vector<CgroupWrite>& wanted, std::string_view list) {
  // "a *:* rwm": everything is allowed, and the kernel does not say but what.
  const bool lists_allowed = wanted[0].file == "devices.deny" && !list.starts_with("a ");
  if (!lists_allowed) return {.writes = wanted, .starts_over = true};

  Allowed now, then;
  for (const std::string_view line : split(list, '\n')) add_line(now, line);
  for (std::size_t i = 1; i < wanted.size(); ++i) add_line(then, wanted[i].value);

  V1DeviceChanges changes;
  const auto add = [&](std::string_view file, std::vector<std::string> lines) {
    for (std::string& line : lines) {
      CgroupWrite write = wanted[0];
      write.file = file;
      write.value = std::move(line);
      changes.writes.push_back(std::move(write));
    }
  };
  add("devices.allow", without(then, now));
  add("devices.deny", without(now, then));
  return changes;
}

}  // namespace brig
