#include "runtime/spawn.h"

#include <linux/magic.h>

#include <array>
#include <csignal>
#include <string>

#include "base/host_paths.h"
#include "init/main.h"
#include "init/trampoline.h"
#include "runtime/self_image.h"
#include "sys/file.h"
#include "sys/terminal.h"

namespace brig::runtime {

namespace {

Result<> connect_channel(InitPlan& plan, Inheritance& inheritance, Spawned& spawned) {
  auto [parents_end, inits_end] = TRY(sys::packet_pair());
  spawned.channel = ParentChannel(std::move(parents_end));
  plan.fds.channel = inheritance.add(std::move(inits_end));
  return {};
}

TrampolineTask task_of(const InitPlan& plan) {
  TrampolineTask task{.wait_fd = plan.fds.start_fifo,
                      .report_fd = plan.fds.channel,
                      .proc_fd = plan.fds.proc,
                      .label = plan.exec.label,
                      .program = plan.exec.argv[0],
                      .forks = plan.enters,
                      .takes_terminal = plan.terminal.has_value()};
  if (plan.fds.result_fifo >= 0) {
    task.report_fd = plan.fds.result_fifo;
    task.report_to = ReportTo::Fifo;
  }
  if (is_filter_last(plan)) task.filter = plan.seccomp;
  return task;
}

Result<> spawn_copy(InitPlan& plan, Inheritance& inheritance, const sys::BirthPlan& birth,
                    Spawned& spawned) {
  if (!plan.mount_change) {
    Fd trampoline = TRY_DOING(make_trampoline(task_of(plan)), "make the trampoline");
    plan.fds.trampoline = inheritance.add(std::move(trampoline));
  }
  spawned.handover = TRY(sys::SharedMemory::make_anonymous(sizeof(HandoverHeader)));
  spawned.child = TRY(sys::fork_into_birth(birth));
  if (spawned.child.pid == 0) run_init(plan, spawned.shared());
  return {};
}

Result<> write_handover(const InitPlan& plan, Spawned& spawned) {
  const std::string encoded = wire::encode(plan);
  spawned.handover =
      TRY(sys::SharedMemory::make("brig-plan", sizeof(HandoverHeader) + encoded.size()));
  auto* header = reinterpret_cast<HandoverHeader*>(spawned.handover.bytes().data());
  header->plan_size = static_cast<std::uint32_t>(encoded.size());
  encoded.copy(reinterpret_cast<char*>(header + 1), encoded.size());
  return {};
}

Result<> spawn_image(const InitPlan& plan, const Inheritance& inheritance,
                     const sys::BirthPlan& birth, Spawned& spawned) {
  TRY(write_handover(plan, spawned));
  const Fd image = TRY(open_self_image());
  std::string name = kInitName;
  std::string number = cat(spawned.handover.file().raw());
  std::array<char*, 3> argv = {name.data(), number.data(), nullptr};
  std::array<char*, 1> envp = {nullptr};
  sys::ExecImage program{
      .binary = image, .argv = argv.data(), .envp = envp.data(), .kept_fds = inheritance.numbers()};
  program.kept_fds.push_back(spawned.handover.file().raw());
  spawned.child = TRY(sys::spawn_image(birth, program));
  return {};
}

// The numbers may be ones that the caller left closed (Podman does). They must not be taken by
// descriptors of ours, which the container would then inherit.
Result<std::vector<Fd>> occupy_gaps(std::uint32_t count) {
  std::vector<Fd> fillers;
  for (std::uint32_t i = 0; i < count; ++i) {
    const int number = static_cast<int>(3 + i);
    if (sys::is_open(number)) continue;
    // The lowest free number is this one, because those below are open by now.
    Fd filler = TRY(sys::open_at(FdRef::cwd(), "/", O_PATH));
    fillers.push_back(std::move(filler));
  }
  return fillers;
}

std::string describe(const sys::ExitStatus& end, Stage stage) {
  if (end.signaled && end.code == SIGKILL)
    return cat("was killed by signal ", end.code, " (memory limit too low?)");
  if (end.signaled) return cat("was killed by signal ", end.code);
  if (stage == Stage::Birth && end.code == sys::kCgroupRefused)
    return "was refused by a v1 cgroup (an empty cpuset, or no real-time budget)";
  return cat("exited with ", end.code);
}

}  // namespace

Result<PreservedFds> PreservedFds::keep(std::uint32_t count) {
  PreservedFds preserved;
  preserved.fillers_ = TRY(occupy_gaps(count));
  TRY(sys::cloexec_from(3 + count));
  return preserved;
}

Result<> open_proc_for_label(InitPlan& plan, Inheritance& inheritance) {
  if (!plan.exec.label) return {};
  Fd proc = TRY(sys::open_at(FdRef::cwd(), host_paths::kProc, O_PATH | O_DIRECTORY));
  const std::uint32_t magic = TRY(sys::fs_magic(proc));
  if (magic != PROC_SUPER_MAGIC)
    return fail(Errc::Denied, cat(host_paths::kProc, " is not procfs: no label can be set"));
  plan.fds.proc = inheritance.add(std::move(proc));
  return {};
}

Result<Spawned> spawn(InitPlan& plan, Inheritance& inheritance, const sys::BirthPlan& birth,
                      Form form) {
  Spawned spawned;
  TRY(connect_channel(plan, inheritance, spawned));
  TRY_DOING(form == Form::Copy ? spawn_copy(plan, inheritance, birth, spawned)
                               : spawn_image(plan, inheritance, birth, spawned),
            "make the container's process");
  return spawned;
}

Result<sys::Child> open_sibling(pid_t pid) {
  Fd pidfd = TRY(sys::pidfd_open(pid));
  const bool ours = TRY(sys::is_child(pidfd));
  if (!ours) return fail(Errc::Protocol, cat("process ", pid, " is not one that we have made"));
  return sys::Child{.pid = pid, .pidfd = std::move(pidfd)};
}

Error Spawned::describe_death() const {
  const Result<std::optional<sys::ExitStatus>> status = sys::reap(child.pidfd);
  if (status && *status) return describe_death(**status);
  return Error::make(Errc::Protocol,
                     cat("the container's process ended while ", describe(stage())));
}

Error Spawned::describe_death(const sys::ExitStatus& end) const {
  return Error::make(Errc::Protocol, cat("the container's process ", describe(end, stage()),
                                         " while ", describe(stage())));
}

}  // namespace brig::runtime
