#include "init/main.h"

#include <charconv>
#include <cstring>

#include "base/host_paths.h"
#include "init/change_mounts.h"
#include "init/enter.h"
#include "init/exec.h"
#include "init/isolate.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/shared_memory.h"

namespace brig {

namespace {

constexpr int kInitFailed = 1;

struct Handover {
  sys::SharedMemory memory;
  InitPlan plan;

  [[nodiscard]] HandoverHeader& header() const {
    return *reinterpret_cast<HandoverHeader*>(memory.bytes().data());
  }
};

Result<Handover> open_handover(int argc, char** argv) {
  int number = -1;
  if (argc == 2) std::from_chars(argv[1], argv[1] + std::strlen(argv[1]), number);
  if (number < 3) return fail(Errc::Protocol, "brig-init is not a command");
  Handover handover;
  handover.memory = TRY(sys::SharedMemory::open(Fd(number)));
  const std::span<std::byte> bytes = handover.memory.bytes();
  if (bytes.size() < sizeof(HandoverHeader)) return fail(Errc::Protocol, "short hand-over");
  const auto* header = reinterpret_cast<const HandoverHeader*>(bytes.data());
  const std::size_t size = bytes.size() - sizeof(HandoverHeader);
  if (header->plan_size > size) return fail(Errc::Protocol, "short hand-over");
  handover.plan = TRY(wire::decode<InitPlan>(
      {reinterpret_cast<const char*>(bytes.data()) + sizeof(HandoverHeader), header->plan_size}));
  return handover;
}

std::vector<int> inherited_numbers(const InitPlan& plan) {
  const InheritedFds& fds = plan.fds;
  std::vector<int> numbers = {
      fds.channel,   fds.console_socket, fds.start_fifo, fds.result_fifo,  fds.trampoline,
      fds.container, fds.container_root, fds.proc,       fds.hooks_output, fds.hooks_error};
  numbers.insert(numbers.end(), fds.trees.begin(), fds.trees.end());
  numbers.insert(numbers.end(), fds.joins.begin(), fds.joins.end());
  numbers.insert(numbers.end(), fds.filesystems.begin(), fds.filesystems.end());
  for (std::uint32_t i = 0; i < plan.preserved_fds; ++i) numbers.push_back(static_cast<int>(3 + i));
  return numbers;
}

// By a process without privilege: its own file in /proc is its own only as long as it is dumpable.
Result<> set_own_oom_score(const InitPlan& plan) {
  if (!plan.oom_score_adj) return {};
  TRY(sys::set_dumpable());
  TRY_DOING(sys::write_file_at(FdRef::cwd(), cat(host_paths::kProc, "/self/oom_score_adj"),
                               cat(*plan.oom_score_adj)),
            "process.oomScoreAdj");
  return sys::set_not_dumpable();
}

}  // namespace

void run_init(const InitPlan& plan, HandoverHeader& shared) noexcept {
  InitChannel parent(Fd(plan.fds.channel));
  const Init init{
      .plan = plan, .parent = parent, .stage = shared.stage, .listener = shared.listener};
  // Before anything of the container's can see this process: its memory and descriptors are
  // none of the container's business, whatever capabilities it has (CVE-2016-9962). Of the
  // parent's descriptors only those that the plan names stay, and above all not its own end of
  // the channel, whose end of file would then never come.
  Result<> done = sys::set_not_dumpable();
  if (done) done = sys::close_all_except(inherited_numbers(plan));
  if (done) done = set_own_oom_score(plan);
  if (done && plan.mount_change) change_mounts(init);
  if (done) done = plan.enters ? enter(init) : isolate(init);
  if (done) exec_program(init);
  const Error& error = done.error();
  ignore(parent.send(describe_failure(error)), "the exit status tells as well");
  sys::exit_now(kInitFailed);
}

void init_main(int argc, char** argv) noexcept {
  if (!sys::set_not_dumpable()) sys::exit_now(kInitFailed);
  const Result<Handover> handover = open_handover(argc, argv);
  if (!handover) sys::exit_now(kInitFailed);
  run_init(handover->plan, handover->header());
}

}  // namespace brig
