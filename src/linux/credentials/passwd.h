// The container's user database: passwd(5) and group(5). The image writes these files, so nothing
// in them is trusted to be well-formed; what is odd is no entry.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brig {

struct PasswdEntry {
  std::string_view name, home;
  std::uint32_t uid = 0, gid = 0;
};

// The first entry wins, as with getpwnam(3).
std::optional<PasswdEntry> find_user(std::string_view passwd, std::string_view name);
std::optional<PasswdEntry> find_user(std::string_view passwd, std::uint32_t uid);

std::optional<std::uint32_t> find_group(std::string_view group, std::string_view name);
// The groups that list the user as a member.
std::vector<std::uint32_t> groups_of(std::string_view group, std::string_view user);

// Digits and nothing else, below 4294967295: that one is no id (setresuid(2)).
std::optional<std::uint32_t> parse_id(std::string_view text);

}  // namespace brig
