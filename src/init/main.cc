#include "init/main.h"

#include <charconv>
#include <cstring>

#include "init/exec.h"
#include "init/isolate.h"
#include "sys/process.h"
#include "sys/shared_memory.h"

namespace brig {

namespace {

constexpr int kInitFailed = 1;

struct Handover {
  sys::SharedMemory memory;
  InitPlan plan;

  [[nodiscard]] std::atomic<Stage>& stage() const {
    return reinterpret_cast<HandoverHeader*>(memory.bytes().data())->stage;
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

}  // namespace

void init_main(int argc, char** argv) noexcept {
  // Before anything of the container's can see this process: its memory and descriptors are
  // none of the container's business, whatever capabilities it has (CVE-2016-9962).
  if (!sys::set_not_dumpable()) sys::exit_now(kInitFailed);
  const Result<Handover> handover = open_handover(argc, argv);
  if (!handover) sys::exit_now(kInitFailed);

  InitChannel parent(Fd(handover->plan.fds.channel));
  const Init init{.plan = handover->plan, .parent = parent, .stage = handover->stage()};
  if (const Result<> done = isolate(init); !done) {
    const Error& error = done.error();
    ignore(parent.send(Failed{.code = error.code(), .err = error.sys_errno(), .text = error.frames()}),
           "the exit status tells as well");
    sys::exit_now(kInitFailed);
  }
  exec_program(init);
}

}  // namespace brig
