#include "linux/credentials/passwd.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace brig {

namespace {

// Takes what comes before the separator off the text.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

// "name:password:uid:gid:gecos:home:shell"
std::optional<PasswdEntry> parse_user(std::string_view line) {
  PasswdEntry entry;
  entry.name = take(line, ':');
  take(line, ':');
  const std::optional<std::uint32_t> uid = parse_id(take(line, ':'));
  const std::optional<std::uint32_t> gid = parse_id(take(line, ':'));
  take(line, ':');
  entry.home = take(line, ':');
  if (!uid || !gid) return std::nullopt;
  entry.uid = *uid;
  entry.gid = *gid;
  return entry;
}

// "name:password:gid:member,member"
struct GroupEntry {
  std::string_view name, members;
  std::uint32_t gid = 0;
};

std::optional<GroupEntry> parse_group(std::string_view line) {
  GroupEntry entry;
  entry.name = take(line, ':');
  take(line, ':');
  const std::optional<std::uint32_t> gid = parse_id(take(line, ':'));
  entry.members = take(line, ':');
  if (!gid) return std::nullopt;
  entry.gid = *gid;
  return entry;
}

template <class Matches>
std::optional<PasswdEntry> first_user(std::string_view passwd, Matches matches) {
  while (!passwd.empty())
    if (const auto entry = parse_user(take(passwd, '\n')); entry && matches(*entry)) return entry;
  return std::nullopt;
}

bool lists(std::string_view members, std::string_view user) {
  while (!members.empty())
    if (take(members, ',') == user) return true;
  return false;
}

}  // namespace

std::optional<PasswdEntry> find_user(std::string_view passwd, std::string_view name) {
  return first_user(passwd, [&](const PasswdEntry& entry) { return entry.name == name; });
}

std::optional<PasswdEntry> find_user(std::string_view passwd, std::uint32_t uid) {
  return first_user(passwd, [&](const PasswdEntry& entry) { return entry.uid == uid; });
}

std::optional<std::uint32_t> find_group(std::string_view group, std::string_view name) {
  while (!group.empty())
    if (const auto entry = parse_group(take(group, '\n')); entry && entry->name == name)
      return entry->gid;
  return std::nullopt;
}

std::vector<std::uint32_t> groups_of(std::string_view group, std::string_view user) {
  std::vector<std::uint32_t> gids;
  while (!group.empty())
    if (const auto entry = parse_group(take(group, '\n')); entry && lists(entry->members, user))
      gids.push_back(entry->gid);
  return gids;
}

std::optional<std::uint32_t> parse_id(std::string_view text) {
  std::uint32_t id = 0;
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  if (id == std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return id;
}

}  // namespace brig
