#include "linux/hooks/apply.h"

#include <signal.h>
#include <string.h>

#include "sys/spawn.h"

namespace brig {

namespace {

std::string describe_end(const Hook& hook, const sys::ProgramResult& result) {
  if (result.timed_out) return cat("timed out after ", *hook.timeout_s, " s");
  if (!result.status.signaled) return cat("exit status ", result.status.code);
  const char* name = ::sigabbrev_np(result.status.code);
  return cat("killed by signal ", result.status.code,
             name != nullptr ? cat(" (SIG", name, ")") : "");
}

// Many a tool complains on standard output.
std::string_view last_words(const sys::ProgramResult& result) {
  std::string_view words =
      result.standard_error.empty() ? result.standard_output : result.standard_error;
  while (!words.empty() && (words.back() == '\n' || words.back() == ' ')) words.remove_suffix(1);
  return words;
}

Result<> run_to_success(const Hook& hook, const HookContext& context) {
  sys::Program program{.path = hook.path,
                       .argv = hook.argv,
                       .envp = hook.envp,
                       .input = context.state_json,
                       .cwd = context.cwd,
                       .output = context.output,
                       .error = context.error};
  if (hook.timeout_s) program.timeout_ms = static_cast<int>(*hook.timeout_s * 1000);
  const sys::ProgramResult result = TRY(sys::run_program(program));
  if (!result.timed_out && !result.status.signaled && result.status.code == 0) return {};
  const std::string_view words = last_words(result);
  return fail(Errc::System, cat(describe_end(hook, result), words.empty() ? "" : ": ", words));
}

}  // namespace

Result<> run_hook(const Hook& hook, const HookContext& context) {
  TRY_DOING(run_to_success(hook, context), hook.origin, ": run ", hook.path);
  return {};
}

Result<> run_hooks(const std::vector<Hook>& hooks, const HookContext& context) {
  for (const Hook& hook : hooks) TRY(run_hook(hook, context));
  return {};
}

}  // namespace brig
