// Builds the program that stands between init and the container's own (src/trampoline).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "init/plan.h"
#include "init/protocol.h"
#include "linux/lsm/plan.h"
#include "linux/seccomp/plan.h"
#include "linux/seccomp/program.h"
#include "sys/fd.h"

namespace brig {

// Who hears of a program that cannot be executed, and in which shape.
enum class ReportTo : std::uint8_t {
  Channel,  // run: a FromInit message
  Fifo,     // start: a Failed
};
std::string encode_report(const Failed& failed, ReportTo whom);

// Whether a filter that is loaded before lets the trampoline do everything that the plan needs.
bool passes_filter(const SeccompProfile& profile, const InitPlan& plan);

struct TrampolineTask {
  std::int32_t wait_fd = -1;  // the start fifo, if there is one to wait for
  std::int32_t report_fd = -1;
  ReportTo report_to = ReportTo::Channel;
  std::int32_t proc_fd = -1;  // procfs, when there is a label
  std::optional<LabelPlan> label;
  std::optional<SeccompProgram> filter;  // loaded last of all, which needs no_new_privs
  std::string program;                   // args[0], for the message
  bool forks = false;                    // the program's process is born here, and told (Forked)
  bool takes_terminal = false;           // as its session's, from standard input; only if it forks
};

// A sealed memory file that holds the trampoline and its task: executed with argv[0] the path of
// the program and the program's argv behind it.
Result<Fd> make_trampoline(const TrampolineTask& task);

}  // namespace brig
