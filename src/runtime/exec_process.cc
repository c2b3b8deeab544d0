#include "runtime/exec_process.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "base/text.h"
#include "linux/credentials/names.h"
#include "linux/credentials/passwd.h"

namespace brig::runtime {

namespace {

struct UserWords {
  std::string_view user, group;  // "1000", "web"; the group may be absent
};

UserWords split_user(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return {.user = text, .group = {}};
  return {.user = text.substr(0, colon), .group = text.substr(colon + 1)};
}

std::unexpected<Error> unknown(std::string_view what, std::string_view name) {
  return fail(Errc::BadConfig, cat("--user: no ", what, " '", name, "' in the container's /etc/",
                                   what == "user" ? "passwd" : "group", ", and not a number"));
}

// A user by number keeps all groups of the container's process, as with runc; one by name gets its
// own, as with login(1).
Result<> take_user(std::string_view name, const UserDatabase& users, spec::User& user) {
  if (const auto uid = parse_id(name)) {
    user.uid = *uid;
    return {};
  }
  const auto entry = find_user(users.passwd, name);
  if (!entry) return unknown("user", name);
  user.uid = entry->uid;
  user.gid = entry->gid;
  user.additional_gids = groups_of(users.group, name);
  return {};
}

Result<> take_group(std::string_view name, const UserDatabase& users, spec::User& user) {
  const auto number = parse_id(name);
  const auto gid = number ? number : find_group(users.group, name);
  if (!gid) return unknown("group", name);
  user.gid = *gid;
  return {};
}

Result<> change_user(const ExecOptions& options, const UserDatabase& users, spec::User& user) {
  if (!options.user.empty()) {
    const UserWords words = split_user(options.user);
    TRY(take_user(words.user, users, user));
    if (!words.group.empty()) TRY(take_group(words.group, users, user));
  }
  for (const std::string& group : options.additional_gids) {
    const auto gid = parse_id(group);
    if (!gid)
      return fail(Errc::BadConfig, cat("--additional-gids: '", group, "' is not a group id"));
    user.additional_gids.push_back(*gid);
  }
  return {};
}

std::string capability_name(std::string_view text) {
  std::string name(text);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
  return name.starts_with("CAP_") ? name : "CAP_" + name;
}

// Ambient ones only where the container has inheritable ones: else a program that is not root's
// would get what its user may not have (CVE-2022-27650).
Result<> add_capabilities(const std::vector<std::string>& wanted, spec::Process& process) {
  for (const std::string& text : wanted) {
    const std::string name = capability_name(text);
    if (!capability_number(name))
      return fail(Errc::BadConfig, cat("--cap: unknown capability '", text, "'"));
    if (!process.capabilities) process.capabilities.emplace();
    spec::Capabilities& sets = *process.capabilities;
    for (spec::Strings* set : {&sets.bounding, &sets.effective, &sets.permitted})
      set->push_back(name);
    if (!sets.inheritable.empty()) sets.ambient.push_back(name);
  }
  return {};
}

}  // namespace

bool names_user(const ExecOptions& options) {
  const UserWords words = split_user(options.user);
  const auto is_name = [](std::string_view word) { return !word.empty() && !parse_id(word); };
  return is_name(words.user) || is_name(words.group);
}

Result<spec::Process> plan_exec_process(const spec::Process& of_container,
                                        const ExecOptions& options, const UserDatabase& users) {
  spec::Process process = of_container;
  process.args = options.args;
  process.terminal = options.terminal;
  process.console_size.reset();
  if (!options.cwd.empty() && !options.cwd.starts_with('/'))
    return fail(Errc::BadConfig, cat("--cwd: expected an absolute path, got '", options.cwd, "'"));
  if (!options.cwd.empty()) process.cwd = options.cwd;
  process.env.insert(process.env.end(), options.env.begin(), options.env.end());
  if (!options.apparmor_profile.empty()) process.apparmor_profile = options.apparmor_profile;
  if (!options.selinux_label.empty()) process.selinux_label = options.selinux_label;
  process.no_new_privileges = options.no_new_privileges.value_or(process.no_new_privileges);
  TRY(change_user(options, users, process.user));
  TRY(add_capabilities(options.capabilities, process));
  return process;
}

}  // namespace brig::runtime
