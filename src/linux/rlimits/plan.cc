#include "linux/rlimits/plan.h"

#include <sys/resource.h>

#include <algorithm>
#include <array>

#include "spec/types.h"

namespace brig {

namespace {

struct NamedResource {
  std::string_view name;
  int resource;
};

constexpr std::array kResources{
    NamedResource{"RLIMIT_AS", RLIMIT_AS},
    NamedResource{"RLIMIT_CORE", RLIMIT_CORE},
    NamedResource{"RLIMIT_CPU", RLIMIT_CPU},
    NamedResource{"RLIMIT_DATA", RLIMIT_DATA},
    NamedResource{"RLIMIT_FSIZE", RLIMIT_FSIZE},
    NamedResource{"RLIMIT_LOCKS", RLIMIT_LOCKS},
    NamedResource{"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    NamedResource{"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
    NamedResource{"RLIMIT_NICE", RLIMIT_NICE},
    NamedResource{"RLIMIT_NOFILE", RLIMIT_NOFILE},
    NamedResource{"RLIMIT_NPROC", RLIMIT_NPROC},
    NamedResource{"RLIMIT_RSS", RLIMIT_RSS},
    NamedResource{"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    NamedResource{"RLIMIT_RTTIME", RLIMIT_RTTIME},
    NamedResource{"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    NamedResource{"RLIMIT_STACK", RLIMIT_STACK},
};

Result<Rlimit> plan_rlimit(const spec::Rlimit& want, const RlimitPlan& so_far) {
  const auto* known = std::ranges::find(kResources, want.type, &NamedResource::name);
  if (known == kResources.end())
    return fail(Errc::BadConfig, cat("unknown rlimit '", want.type, "'"));
  if (std::ranges::find(so_far, known->resource, &Rlimit::resource) != so_far.end())
    return fail(Errc::BadConfig, cat(want.type, " is set twice"));
  if (want.soft > want.hard)
    return fail(Errc::BadConfig, cat(want.type, ": soft ", want.soft, " exceeds hard ", want.hard));
  return Rlimit{.resource = known->resource, .soft = want.soft, .hard = want.hard};
}

}  // namespace

Result<RlimitPlan> plan_rlimits(const spec::Process& process) {
  RlimitPlan plan;
  for (std::size_t i = 0; i < process.rlimits.size(); ++i) {
    const Rlimit limit =
        TRY_DOING(plan_rlimit(process.rlimits[i], plan), "process.rlimits[", i, "]");
    plan.push_back(limit);
  }
  return plan;
}

std::string_view rlimit_name(int resource) {
  const auto* known = std::ranges::find(kResources, resource, &NamedResource::resource);
  return known == kResources.end() ? "RLIMIT_?" : known->name;
}

std::string limit_text(std::uint64_t limit) {
  return limit == UINT64_MAX ? "unlimited" : cat(limit);
}

std::vector<std::string_view> rlimit_names() {
  std::vector<std::string_view> names;
  for (const NamedResource& known : kResources) names.push_back(known.name);
  return names;
}

}  // namespace brig
