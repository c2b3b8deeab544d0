#include "runtime/facts.h"

#include <sys/stat.h>

#include "base/host_paths.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig::runtime {

namespace {

Result<Fd> open_namespace(const NsPath& join) {
  Fd ns = TRY(sys::open_at(FdRef::cwd(), join.path, O_RDONLY | O_NONBLOCK));
  const Result<std::uint64_t> type = sys::namespace_type(ns);
  if (!type) return fail(Errc::BadConfig, cat(join.path, " is not a namespace"));
  if (*type != clone_flag(join.ns))
    return fail(Errc::BadConfig, cat(join.path, " is not a ", name_of(join.ns), " namespace"));
  return ns;
}

Result<bool> same_inode(FdRef a, FdRef b) {
  const struct stat first = TRY(sys::fstat(a));
  const struct stat second = TRY(sys::fstat(b));
  return first.st_ino == second.st_ino && first.st_dev == second.st_dev;
}

}  // namespace

FdRef joined_user(const std::vector<NsPath>& joins, const std::vector<Fd>& fds) {
  for (std::size_t i = 0; i < joins.size(); ++i)
    if (joins[i].ns == Ns::User) return fds[i];
  return FdRef::none();
}

Result<HostFacts> probe_host(const Caller& caller, const NamespaceRequest& namespaces,
                             const CgroupNeeds& cgroup_needs) {
  HostFacts facts{.caller = caller};
  if (namespaces.created.has(Ns::User)) facts.ids = TRY(probe_id_facts(caller));
  facts.may_clone_mounts = TRY(probe_may_clone_mounts(caller));
  const Fd proc = TRY(sys::open_at(FdRef::cwd(), host_paths::kProc, O_PATH | O_DIRECTORY));
  facts.has_proc_core = TRY(sys::exists_at(proc, "kcore"));
  facts.cgroup = TRY(probe_cgroup_facts(cgroup_needs));
  return facts;
}

Result<std::vector<Fd>> open_joined_namespaces(NamespaceRequest& request, const Caller& caller) {
  std::vector<NsPath>& joins = request.joined;
  std::vector<Fd> fds;
  for (const NsPath& join : joins) {
    Fd ns = TRY_DOING(open_namespace(join), "linux.namespaces: ", name_of(join.ns));
    fds.push_back(std::move(ns));
  }
  FdRef user = joined_user(joins, fds);
  if (!user && (caller.on_host || request.created.has(Ns::User))) return fds;
  Fd own;
  if (!user) user = own = TRY(sys::open_at(FdRef::cwd(), host_paths::kSelfUserNamespace, O_RDONLY));
  for (std::size_t i = 0; i < joins.size(); ++i) {
    if (joins[i].ns == Ns::User) continue;
    const Result<Fd> owner = sys::namespace_owner(fds[i]);  // EPERM: an outer user namespace
    if (owner) joins[i].owned_inside = TRY(same_inode(*owner, user));
  }
  return fds;
}

}  // namespace brig::runtime
