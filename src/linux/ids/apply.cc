#include "linux/ids/apply.h"

#include <fcntl.h>
#include <sched.h>

#include "base/host_paths.h"
#include "sys/file.h"
#include "sys/pipe.h"
#include "sys/process.h"
#include "sys/spawn.h"

namespace brig {

namespace {

constexpr int kHelperTimeoutMs = 10'000;

// newuidmap and newgidmap take what the file takes, as words: PID INSIDE OUTSIDE COUNT ...
Result<> run_helper(const std::string& path, pid_t pid, const std::vector<IdRange>& ranges) {
  sys::Program program{.path = path, .argv = {path, cat(pid)}, .timeout_ms = kHelperTimeoutMs};
  for (const IdRange& range : ranges)
    for (const std::uint32_t number : {range.container_id, range.host_id, range.size})
      program.argv.push_back(cat(number));
  const sys::ProgramResult result = TRY(sys::run_program(program));
  if (!result.timed_out && result.status.shell_code() == 0) return {};
  std::string_view words = result.standard_error;
  while (words.ends_with('\n')) words.remove_suffix(1);
  return fail(Errc::Denied,
              result.timed_out
                  ? cat(path, " did not end within ", kHelperTimeoutMs / 1000, " s")
                  : cat(path, " exited with ", result.status.shell_code(), ": ", words));
}

Result<> write_map(FdRef process, pid_t pid, const char* file, const std::string& helper,
                   const std::vector<IdRange>& ranges) {
  if (!helper.empty()) return run_helper(helper, pid, ranges);
  return sys::write_file_at(process, file, map_text(ranges));
}

// Made by a process that does nothing else: it waits until our end of the pipe is closed, by us or
// by our death. As system calls are all it makes, threads of ours do no harm.
Result<sys::Child> fork_into_user_namespace(sys::PipeEnds& pipe) {
  sys::Child child = TRY(sys::fork_with(CLONE_NEWUSER));
  if (child.pid != 0) return child;
  pipe.write.close();
  ignore(sys::read_some(pipe.read), "the end of the file is all that can come");
  sys::exit_now(0);
}

Result<Fd> open_user_namespace(pid_t pid) {
  return sys::open_at(FdRef::cwd(), cat(host_paths::kProc, "/", pid, "/ns/user"), O_RDONLY);
}

}  // namespace

Result<Fd> make_user_namespace(const IdPlan& plan) {
  sys::PipeEnds pipe = TRY(sys::open_pipe());
  const sys::Child child = TRY(fork_into_user_namespace(pipe));
  Result<> mapped = apply_id_maps(child.pid, plan);
  Result<Fd> made = open_user_namespace(child.pid);
  pipe.write.close();
  ignore(sys::reap(child.pidfd), "it ends by itself");
  TRY(std::move(mapped));
  return made;
}

Result<> apply_id_maps(pid_t pid, const IdPlan& plan) {
  const Fd process =
      TRY(sys::open_at(FdRef::cwd(), cat(host_paths::kProc, "/", pid), O_PATH | O_DIRECTORY));
  if (plan.deny_setgroups)
    TRY_DOING(sys::write_file_at(process, "setgroups", "deny"), "linux.gidMappings");
  TRY_DOING(write_map(process, pid, "gid_map", plan.gid_helper, plan.gids), "linux.gidMappings");
  TRY_DOING(write_map(process, pid, "uid_map", plan.uid_helper, plan.uids), "linux.uidMappings");
  return {};
}

}  // namespace brig
