#include <algorithm>

#include "base/host_paths.h"
#include "runtime/inspect/host_checks.h"
#include "sys/file.h"
#include "sys/rlimit.h"

namespace brig::runtime {

namespace {

constexpr char kMap[] = "map it, or choose another";

// prlimit(2) asks for the capability in the initial user namespace, whatever the process is in.
void check_limits(const PlannedBundle& bundle, spec::Findings& findings) {
  if (bundle.caller.on_host && may_raise_limits(bundle.caller)) return;
  const RlimitPlan& limits = bundle.plan.init.rlimits;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const Result<sys::Rlimit> now = sys::get_rlimit(0, limits[i].resource);
    if (!now || limits[i].hard <= now->hard) continue;
    findings.push_back(
        {.path = cat("process.rlimits[", i, "].hard"),
         .what = cat("set ", rlimit_name(limits[i].resource), " to ", limit_text(limits[i].soft),
                     ":", limit_text(limits[i].hard), ": the hard limit here is ",
                     limit_text(now->hard), " and raising it needs CAP_SYS_RESOURCE"),
         .remedy = cat("ask for at most ", limit_text(now->hard),
                       ", or run brig with CAP_SYS_RESOURCE")});
  }
}

void check_id(const std::vector<IdRange>& ranges, std::uint32_t id, std::string_view member,
              const spec::Place& here) {
  if (is_mapped(ranges, id)) return;
  here.at(member).report({.path = {},
                          .what = cat(id, " is not mapped in the container's user namespace"),
                          .remedy = kMap});
}

void check_ids(const PlannedBundle& bundle, spec::Findings& findings) {
  if (!bundle.plan.init.namespaces.created.has(Ns::User)) return;
  const IdPlan& ids = bundle.plan.ids;
  const spec::User& user = bundle.spec.process->user;
  const spec::Place root(findings);
  const spec::Place process = root.at("process");
  const spec::Place here = process.at("user");
  check_id(ids.uids, user.uid, "uid", here);
  check_id(ids.gids, user.gid, "gid", here);
  const spec::Place groups = here.at("additionalGids");
  for (std::size_t i = 0; i < user.additional_gids.size(); ++i)
    if (!is_mapped(ids.gids, user.additional_gids[i]))
      groups.at(i).report(
          {.path = {},
           .what = cat(user.additional_gids[i], " is not mapped in the container's user namespace"),
           .remedy = kMap});
}

// A namespace of the container's shows the parameters that the host's shows, with few exceptions
// that are hidden from it.
void check_parameters(const PlannedBundle& bundle, spec::Findings& findings) {
  const Result<Fd> proc = sys::open_at(FdRef::cwd(), host_paths::kProc, O_PATH | O_DIRECTORY);
  if (!proc) return;
  const spec::Place root(findings);
  const spec::Place section = root.at("linux");
  const spec::Place here = section.at("sysctl");
  for (const Sysctl& sysctl : bundle.plan.init.sysctls) {
    const Result<bool> exists = sys::exists_at(*proc, sysctl.path);
    if (!exists || *exists) continue;
    here.at(sysctl.key)
        .report({.path = {},
                 .what = "this kernel has no such parameter",
                 .remedy = "load the module that brings it, or take the parameter out"});
  }
}

}  // namespace

void check_process(const PlannedBundle& bundle, spec::Findings& findings) {
  check_limits(bundle, findings);
  check_ids(bundle, findings);
  check_parameters(bundle, findings);
}

}  // namespace brig::runtime
