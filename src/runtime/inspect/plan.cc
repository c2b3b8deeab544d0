#include "runtime/inspect/plan.h"

#include "container/bundle.h"
#include "container/id.h"
#include "runtime/host_plan.h"
#include "runtime/plan_text.h"

namespace brig::runtime {

namespace {

std::unexpected<Error> all_of(std::vector<Error> faults, const Bundle& bundle,
                              const CreateOptions& options) {
  const Errc code = faults.front().code();
  std::vector<std::string> lines;
  for (Error& fault : faults)
    lines.push_back(with_position(bundle, options, std::move(fault)).message());
  return fail(code, join(lines, "\n"));
}

}  // namespace

Result<PlanReport> plan(const Settings& settings, const CreateOptions& options) {
  TRY(validate_id(options.id));
  const Caller caller = TRY(probe_caller());
  const std::optional<OwnIds> own_ids = TRY(probe_own_ids(caller));
  const Bundle bundle =
      TRY(load_bundle(options.bundle, options.config, own_ids ? &*own_ids : nullptr));
  HostPlan planned = plan_on_host(settings, options, caller, bundle);
  if (!planned.faults.empty()) return all_of(std::move(planned.faults), bundle, options);
  for (const std::string& line : bundle.warnings) settings.log(LogLevel::Warning, line);
  return PlanReport{.id = options.id, .bundle = bundle.path, .steps = outline_of(planned.create)};
}

}  // namespace brig::runtime
