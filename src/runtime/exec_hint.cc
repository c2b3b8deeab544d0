#include "runtime/exec_hint.h"

#include "init/exec.h"
#include "runtime/container.h"
#include "runtime/inspect/container_files.h"
#include "runtime/inspect/executable.h"
#include "runtime/saved_mounts.h"

namespace brig::runtime {

namespace {

// Only execve(2) itself says so with these words: that there is a file is known before.
bool is_of_execve(const Error& error) {
  const int err = error.sys_errno();
  return (err == ENOENT || err == ENOEXEC) && error.frames().contains("exec: \"");
}

ExecPlan first_program(const spec::Process& process) {
  return {.argv = process.args, .envp = process.env, .cwd = process.cwd, .label = {}};
}

Result<std::optional<ExecutableFault>> look_for_fault(const Record& record, const ContainerDir& dir,
                                                      const ExecPlan* entered) {
  const spec::Spec spec = TRY(saved_spec(dir));
  const ExecPlan exec = entered != nullptr ? *entered : first_program(*spec.process);
  const Caller caller = TRY(probe_caller());
  const MountPlan mounts =
      TRY(plan_mounts(spec, mount_facts_of(record, spec, caller), cgroup_view_of(record)));
  const ContainerFiles files(mounts, record.rootfs);
  const std::string program =
      TRY(find_program(exec, [&](const std::string& path) { return files.look(path, exec.cwd); }));
  return fault_of_executable(files, program, exec.cwd);
}

}  // namespace

void explain_execve(Error& error, const Record& record, const ContainerDir& dir,
                    const ExecPlan* entered) {
  if (!is_of_execve(error)) return;
  const Result<std::optional<ExecutableFault>> fault = look_for_fault(record, dir, entered);
  if (fault && *fault) error.set_hint(cat("it ", (*fault)->what, "; ", (*fault)->remedy));
}

}  // namespace brig::runtime
