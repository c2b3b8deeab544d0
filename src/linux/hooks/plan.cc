#include "linux/hooks/plan.h"

#include <string_view>

#include "spec/types.h"

namespace brig {

namespace {

// Milliseconds have to fit the int of poll(2): 24 days are enough for a hook.
constexpr std::int64_t kMaxTimeout = INT32_MAX / 1000;

Result<Hook> plan_hook(const spec::Hook& hook) {
  if (!hook.path.starts_with('/'))
    return fail(Errc::BadConfig, cat("path: '", hook.path, "' is not an absolute path"));
  if (hook.timeout && *hook.timeout <= 0)
    return fail(Errc::BadConfig, cat("timeout: ", *hook.timeout, " is not greater than zero"));
  if (hook.timeout && *hook.timeout > kMaxTimeout)
    return fail(Errc::BadConfig, cat("timeout: ", *hook.timeout, " is above ", kMaxTimeout));
  Hook plan{.origin = {},
            .path = hook.path,
            .argv = hook.args,
            .envp = hook.env.value_or(spec::Strings{}),
            .timeout_s = {}};
  // Since Linux 5.18 the kernel puts "" for a missing argv[0]; programs expect a name.
  if (plan.argv.empty()) plan.argv.push_back(hook.path);
  if (hook.timeout) plan.timeout_s = static_cast<std::uint32_t>(*hook.timeout);
  return plan;
}

Result<std::vector<Hook>> plan_list(const std::vector<spec::Hook>& hooks, std::string_view name) {
  std::vector<Hook> plan;
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    std::string origin = cat("hooks.", name, "[", i, "]");
    Hook hook = TRY_DOING(plan_hook(hooks[i]), origin);
    hook.origin = std::move(origin);
    plan.push_back(std::move(hook));
  }
  return plan;
}

}  // namespace

Result<HookPlan> plan_hooks(const spec::Hooks& hooks) {
  HookPlan plan;
  plan.prestart = TRY(plan_list(hooks.prestart, "prestart"));
  plan.create_runtime = TRY(plan_list(hooks.create_runtime, "createRuntime"));
  plan.create_container = TRY(plan_list(hooks.create_container, "createContainer"));
  plan.start_container = TRY(plan_list(hooks.start_container, "startContainer"));
  plan.poststart = TRY(plan_list(hooks.poststart, "poststart"));
  plan.poststop = TRY(plan_list(hooks.poststop, "poststop"));
  return plan;
}

}  // namespace brig
