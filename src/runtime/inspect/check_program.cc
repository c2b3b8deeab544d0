#include <sys/stat.h>

#include "init/exec.h"
#include "runtime/inspect/container_files.h"
#include "runtime/inspect/executable.h"
#include "runtime/inspect/host_checks.h"

namespace brig::runtime {

namespace {

constexpr mode_t kAnyoneMayExecute = 0111;
constexpr char kLater[] = "; what is mounted there, or a hook, may bring it";

// Hooks work on the root before the program is looked for.
bool may_change_the_root(const HookPlan& hooks) {
  return !hooks.prestart.empty() || !hooks.create_runtime.empty() ||
         !hooks.create_container.empty();
}

class ProgramCheck {
 public:
  ProgramCheck(const PlannedBundle& bundle, spec::Findings& findings)
      : bundle_(bundle),
        files_(bundle.plan.init.mounts, bundle.rootfs),
        findings_(findings),
        sure_(!may_change_the_root(bundle.plan.hooks)) {}

  void check() {
    const ExecPlan& exec = bundle_.plan.init.exec;
    if (exec.argv.empty()) return;
    const Result<std::string> found =
        find_program(exec, [&](const std::string& path) { return look(path); });
    if (!found)
      report("process.args[0]", found.error().message(),
             "name a program of the root file system, and set PATH in process.env");
    else
      check_format(*found);
    check_cwd();
    for (const Hook& hook : bundle_.plan.hooks.start_container) check_hook(hook);
  }

 private:
  Result<struct stat> look(const std::string& path) {
    const std::string& cwd = bundle_.plan.init.exec.cwd;
    Result<struct stat> info = files_.look(path, cwd);
    if (!info) {
      sure_ = sure_ && files_.is_sure(path, cwd);
      return info;
    }
    if ((info->st_mode & kAnyoneMayExecute) == 0)
      return std::unexpected(Error::system(EACCES, path));
    return info;
  }

  // create does not ask for it, so that only start would fail.
  void check_format(const std::string& program) {
    std::optional<ExecutableFault> fault =
        fault_of_executable(files_, program, bundle_.plan.init.exec.cwd);
    if (!fault) return;
    findings_.push_back({.path = "process.args[0]",
                         .what = cat(spec::quote(program), " ", fault->what, ": start would fail",
                                     fault->may_be_emulated ? " without an emulator" : ""),
                         .warning = true,
                         .remedy = std::move(fault->remedy)});
  }

  // It is made if it is missing.
  void check_cwd() {
    const std::string& cwd = bundle_.plan.init.exec.cwd;
    const Result<struct stat> info = files_.look(cwd, "/");
    if (!info || S_ISDIR(info->st_mode)) return;
    report("process.cwd", cat(spec::quote(cwd), " is not a directory in the root file system"),
           "name a directory");
  }

  void check_hook(const Hook& hook) {
    const Result<struct stat> info = look(hook.path);
    if (info && S_ISREG(info->st_mode)) return;
    report(cat(hook.origin, ".path"),
           cat(spec::quote(hook.path), " cannot be executed in the container",
               info ? ": is not a regular file" : cat(": ", errno_text(info.error().sys_errno()))),
           "it is looked up in the root file system: install it there, or take the hook out");
  }

  void report(std::string path, std::string what, std::string remedy) {
    if (!sure_) what += kLater;
    findings_.push_back({.path = std::move(path),
                         .what = std::move(what),
                         .warning = !sure_,
                         .remedy = std::move(remedy)});
  }

  const PlannedBundle& bundle_;
  ContainerFiles files_;
  spec::Findings& findings_;
  bool sure_;
};

}  // namespace

void check_program(const PlannedBundle& bundle, spec::Findings& findings) {
  ProgramCheck(bundle, findings).check();
}

}  // namespace brig::runtime
