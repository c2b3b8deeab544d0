#include "init/exec.h"

#include <sys/stat.h>

#include "init/hook_state.h"
#include "init/seccomp.h"
#include "init/trampoline.h"
#include "init/user.h"
#include "linux/credentials/apply.h"
#include "linux/hooks/apply.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig {

namespace {

// The texts are runc's to the letter where engines look for them: the exit codes 126 and 127 of
// docker run and podman run come from these words.
std::unexpected<Error> not_executable(const std::string& name, const Error& why) {
  const int err = why.sys_errno();
  if (err == ENOENT)
    return fail(Errc::NotFound, cat("exec: \"", name, "\": stat ", name, ": ", errno_text(err)));
  return fail(Errc::Denied, cat("exec: \"", name, "\": ", errno_text(err)));
}

// A filter that is in force already may not know the call, which is newer than many profiles. What
// it answers then says nothing about the file; the kernel itself never says so.
bool is_answer_of_filter(int err) {
  return err == EPERM || err == ENOSYS;
}

// Without an answer of the kernel: whether anybody may execute it. execve(2) has the last word.
bool is_forbidden_to_all(const struct stat& info) {
  return S_ISREG(info.st_mode) && (info.st_mode & 0111) == 0;
}

Result<struct stat> look_here(const std::string& path) {
  Result<> allowed = sys::check_executable(path);
  const bool unanswered = !allowed && is_answer_of_filter(allowed.error().sys_errno());
  if (!allowed && !unanswered) return std::unexpected(std::move(allowed).error());
  const Fd file = TRY(sys::open_at(FdRef::cwd(), path, O_PATH));
  const struct stat info = TRY(sys::fstat(file));
  if (unanswered && is_forbidden_to_all(info)) return std::unexpected(Error::system(EACCES, path));
  return info;
}

Result<> check_program(const ProgramLook& look, const std::string& path, const std::string& name) {
  const Result<struct stat> info = look(path);
  if (!info) return not_executable(name, info.error());
  if (S_ISREG(info->st_mode)) return {};
  return fail(Errc::Denied, cat("exec: \"", name, "\": permission denied: the path `", path,
                                "` is not a regular file: Operation not permitted"));
}

std::string_view path_variable(const std::vector<std::string>& envp) {
  std::string_view found;
  for (const std::string_view variable : envp)
    if (variable.starts_with("PATH=")) found = variable.substr(5);
  return found;
}

Result<std::string> search_path(const ProgramLook& look, const std::string& name,
                                std::string_view path) {
  bool denied = false;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find(':'), path.size());
    const std::string_view dir = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    std::string candidate = cat(dir.empty() ? "." : dir, "/", name);
    const Result<> usable = check_program(look, candidate, name);
    if (usable) return candidate;
    denied = denied || usable.error().code() == Errc::Denied;
  }
  if (denied) return fail(Errc::Denied, cat("exec: \"", name, "\": permission denied"));
  return fail(Errc::NotFound, cat("exec: \"", name, "\": executable file not found in $PATH"));
}

Result<> run_start_hooks(const InitPlan& plan) {
  if (plan.start_container.empty()) return {};
  const std::string state = hook_state_json(plan.identity, "created", sys::own_pid());
  for (const Hook& hook : plan.start_container) TRY(run_hook(hook, hook_context(plan, state)));
  return {};
}

Result<> wait_for_go(const Init& init) {
  // So far the death of the parent was our death. From here on its closed channel is: a Go that
  // it sent before it ended is still in there, and then the container outlives it.
  TRY(sys::set_parent_death_signal(0));
  if (init.plan.announce_ready) TRY(init.parent.send(Ready{}));
  TRY(init.parent.expect<Go>());
  if (init.plan.fds.start_fifo >= 0) init.parent.close();
  return {};
}

std::vector<std::string> environment(const InitPlan& plan) {
  std::vector<std::string> envp = plan.exec.envp;
  if (plan.exec.add_home) envp.push_back(cat("HOME=", home_of(plan.credentials.uid)));
  return envp;
}

// The trampoline waits for the start, loads the filter and executes the program, so that none of
// that is done by a process whose /proc/PID/exe is brig.
Error enter_trampoline(const Init& init, const std::string& path) {
  const InheritedFds& fds = init.plan.fds;
  std::vector<std::string> argv = {path};
  argv.insert(argv.end(), init.plan.exec.argv.begin(), init.plan.exec.argv.end());
  const std::int32_t report_fd = fds.result_fifo >= 0 ? fds.result_fifo : fds.channel;
  for (const std::int32_t kept : {fds.start_fifo, report_fd, fds.proc}) {
    if (kept < 0) continue;
    if (Result<> open = sys::set_cloexec(FdRef::number(kept), false); !open)
      return std::move(open.error());
  }
  return sys::exec_file(FdRef::number(fds.trampoline), argv, environment(init.plan));
}

Result<> write_label(const InitPlan& plan) {
  if (!plan.exec.label) return {};
  const FdRef proc = FdRef::number(plan.fds.proc);
  TRY_DOING(sys::write_file_at(proc, plan.exec.label->attribute, plan.exec.label->value),
            "set the label '", plan.exec.label->value, "'");
  return {};
}

Error execute_directly(const Init& init, const std::string& path) {
  const InitPlan& plan = init.plan;
  if (plan.fds.start_fifo >= 0) {
    init.stage = Stage::Waiting;
    // Opened for reading and writing, so it never sees an end of file: a byte is the start.
    // It closes here: a container is "created" while somebody holds it open.
    const Fd fifo(plan.fds.start_fifo);
    const Result<char> started = sys::read_byte(fifo);
    if (!started) return Error::relayed(Errc::System, 0, started.error().message());
  }
  init.stage = Stage::Hooks;
  if (Result<> hooks = run_start_hooks(plan); !hooks) return std::move(hooks.error());
  const std::vector<std::string> envp = environment(plan);
  if (Result<> labelled = write_label(plan); !labelled) return std::move(labelled.error());
  init.stage = Stage::Program;
  if (plan.seccomp && is_filter_last(plan))
    if (Result<> loaded = load_filter(init); !loaded) return std::move(loaded.error());
  Error failed = sys::exec(path, plan.exec.argv, envp);
  return Error::relayed(Errc::System, failed.sys_errno(), cat("exec: \"", plan.exec.argv[0], "\""));
}

Error become_program(const Init& init, const std::string& path) {
  if (Result<> clear = sys::restore_signals(); !clear) return std::move(clear.error());
  if (init.plan.fds.trampoline < 0) return execute_directly(init, path);
  init.stage = Stage::Program;
  return enter_trampoline(init, path);
}

// To the one who started the container: our parent, or who opened the fifo.
void report(const Init& init, const Error& error) {
  const std::int32_t fifo = init.plan.fds.result_fifo;
  Failed failed = describe_failure(error);
  failed.by_start_hook = init.stage == Stage::Hooks;
  const std::string message = encode_report(failed, fifo < 0 ? ReportTo::Channel : ReportTo::Fifo);
  ignore(sys::write_all(FdRef::number(fifo < 0 ? init.plan.fds.channel : fifo), message),
         "the exit status tells as well");
}

[[noreturn]] void fail_start(const Init& init, const Error& error) {
  ignore(init.parent.send(describe_failure(error)), "the exit status tells as well");
  sys::exit_now(1);
}

}  // namespace

Result<std::string> find_program(const ExecPlan& plan, const ProgramLook& look) {
  const std::string& name = plan.argv[0];
  if (!name.contains('/')) return search_path(look, name, path_variable(plan.envp));
  TRY(check_program(look, name, name));
  return name;
}

Result<std::string> find_program(const ExecPlan& plan) {
  return find_program(plan, look_here);
}

void exec_program(const Init& init) {
  const Result<std::string> path = find_program(init.plan.exec);
  if (!path) fail_start(init, path.error());
  // The agent is told by the parent, who is there only until the Go.
  if (init.plan.notifies && init.plan.credentials.no_new_privileges)
    if (const Result<> loaded = load_filter(init); !loaded) fail_start(init, loaded.error());
  // A parent that is gone has nothing to be told: whoever removes the container finds it dead.
  if (!wait_for_go(init)) sys::exit_now(1);
  report(init, become_program(init, *path));
  sys::exit_now(1);
}

}  // namespace brig
