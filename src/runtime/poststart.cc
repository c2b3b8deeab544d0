#include "runtime/poststart.h"

#include "init/hook_state.h"
#include "linux/hooks/apply.h"
#include "runtime/hook_output.h"
#include "sys/file.h"

namespace brig::runtime {

Result<> run_poststart(const Settings& settings, const Container& container,
                       const HookPlan& hooks) {
  if (hooks.poststart.empty()) return {};
  const Record& record = container.record;
  const HookIdentity identity{.oci_version = record.oci_version,
                              .id = record.id,
                              .bundle = record.bundle,
                              .annotations = record.annotations};
  const std::string state = hook_state_json(identity, "running", record.pid);
  const Fd bundle = TRY(sys::open_at(FdRef::cwd(), record.bundle, O_PATH | O_DIRECTORY));
  const HookOutput output = open_hook_output_or_warn(settings, record.annotations);
  Result<> done = run_hooks(hooks.poststart, output.context(state, bundle));
  if (done) return {};
  if (const Result<> gone = destroy(settings, container); !gone)
    done.error().add_context(cat("and ", gone.error().message()));
  return done;
}

}  // namespace brig::runtime
