// Who calls brig, and what it may do in the namespaces that it is in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "linux/ids/plan.h"
#include "linux/namespaces/plan.h"
#include "spec/defaults.h"

namespace brig::runtime {

struct Caller {
  std::uint32_t uid = 0, gid = 0;  // effective
  std::uint64_t capabilities = 0;  // permitted
  std::uint64_t bounding = ~std::uint64_t{0};
  bool on_host = true;  // in the initial user namespace
};

Result<Caller> probe_caller();

// Effective uid 0 in the initial user namespace.
bool is_host_root(const Caller& caller);
bool is_host_root();
NamespaceCaller namespace_caller(const Caller& caller);
bool may_raise_limits(const Caller& caller);  // CAP_SYS_RESOURCE
// Out of a process that is not dumpable: CAP_SYS_PTRACE.
bool may_take_descriptors(const Caller& caller);

// Whether open_tree(2) may clone what is mounted: it takes CAP_SYS_ADMIN where the mount namespace
// belongs, which may be another user namespace than the caller's.
Result<bool> probe_may_clone_mounts(const Caller& caller);

// The path of newuidmap or newgidmap; empty: not installed.
std::string find_mapping_program(std::string_view name);

Result<IdFacts> probe_id_facts(const Caller& caller);

// For a caller who can make no container without a user namespace; empty for others.
Result<std::optional<OwnIds>> probe_own_ids(const Caller& caller);

}  // namespace brig::runtime
