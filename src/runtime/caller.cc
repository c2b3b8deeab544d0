#include "runtime/caller.h"

#include <linux/capability.h>

#include "base/host_paths.h"
#include "linux/credentials/passwd.h"
#include "linux/ids/own_ids.h"
#include "sys/credentials.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig::runtime {

namespace {

// brig reads no environment: the places where distributions install shadow-utils.
constexpr const char* kHelperDirectories[] = {"/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin"};

bool has(const Caller& caller, unsigned capability) {
  return (caller.capabilities >> capability & 1) != 0;
}

std::string text_of(const char* path) {
  return sys::read_file_at(FdRef::cwd(), path).value_or(std::string());
}

std::string user_name(std::uint32_t uid) {
  const std::string passwd = text_of("/etc/passwd");
  const std::optional<PasswdEntry> user = find_user(passwd, uid);
  return user ? std::string(user->name) : std::string();
}

}  // namespace

Result<Caller> probe_caller() {
  const sys::CapabilitySets own = TRY(sys::get_capabilities());
  const sys::BoundingSet bounding = TRY(sys::get_bounding_set());
  return Caller{.uid = sys::effective_uid(),
                .gid = sys::effective_gid(),
                .capabilities = own.permitted,
                .bounding = bounding.mask,
                .on_host = sys::in_initial_user_namespace()};
}

bool is_host_root(const Caller& caller) {
  return caller.uid == 0 && caller.on_host;
}

bool is_host_root() {
  return sys::effective_uid() == 0 && sys::in_initial_user_namespace();
}

// In a user namespace the groups are those of whoever made it, and setgroups may be denied there.
NamespaceCaller namespace_caller(const Caller& caller) {
  return {.is_root = caller.uid == 0, .may_set_groups = caller.on_host && has(caller, CAP_SETGID)};
}

bool may_raise_limits(const Caller& caller) {
  return has(caller, CAP_SYS_RESOURCE);
}

bool may_take_descriptors(const Caller& caller) {
  return has(caller, CAP_SYS_PTRACE);
}

Result<bool> probe_may_clone_mounts(const Caller& caller) {
  if (!has(caller, CAP_SYS_ADMIN)) return false;
  if (caller.on_host) return true;
  const Fd mounts = TRY(sys::open_at(FdRef::cwd(), host_paths::kSelfMountNamespace, O_RDONLY));
  const Fd owner = TRY(sys::namespace_owner(mounts));
  const Fd user = TRY(sys::open_at(FdRef::cwd(), host_paths::kSelfUserNamespace, O_RDONLY));
  const struct stat owners = TRY(sys::fstat(owner));
  const struct stat ours = TRY(sys::fstat(user));
  return owners.st_ino == ours.st_ino;
}

std::string find_mapping_program(std::string_view name) {
  for (const char* directory : kHelperDirectories) {
    std::string path = cat(directory, "/", name);
    if (sys::check_executable(path)) return path;
  }
  return {};
}

Result<IdFacts> probe_id_facts(const Caller& caller) {
  IdFacts facts{.uid = caller.uid,
                .gid = caller.gid,
                .may_map_any_uid = has(caller, CAP_SETUID),
                .may_map_any_gid = has(caller, CAP_SETGID)};
  if (!facts.may_map_any_uid) facts.newuidmap = find_mapping_program("newuidmap");
  if (!facts.may_map_any_gid) facts.newgidmap = find_mapping_program("newgidmap");
  return facts;
}

Result<std::optional<OwnIds>> probe_own_ids(const Caller& caller) {
  if (has(caller, CAP_SYS_ADMIN)) return std::nullopt;
  OwnIdFacts facts{.uid = caller.uid, .gid = caller.gid};
  if (!find_mapping_program("newuidmap").empty() && !find_mapping_program("newgidmap").empty()) {
    facts.user_name = user_name(caller.uid);
    facts.subuid = text_of("/etc/subuid");
    facts.subgid = text_of("/etc/subgid");
  }
  return plan_own_ids(facts);
}

}  // namespace brig::runtime
