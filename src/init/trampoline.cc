#include "init/trampoline.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "base/wire.h"
#include "init/trampoline_image.h"
#include "sys/memory_file.h"
#include "trampoline/order.h"

namespace brig {

namespace {

constexpr std::size_t kFilterInstruction = 8;  // sizeof(struct sock_filter)

// What it calls (src/trampoline).
constexpr std::string_view kCalls[] = {"execveat", "prctl", "fcntl", "read", "close", "execve"};
constexpr std::string_view kForkCalls[] = {"clone", "write", "exit_group", "setsid", "ioctl"};
constexpr std::string_view kLabelCalls[] = {"openat", "write"};

bool are_allowed(std::span<const std::string_view> calls, const SeccompProfile& profile) {
  return std::ranges::all_of(calls,
                             [&](std::string_view call) { return allows_always(profile, call); });
}

// Appends data to an image and says where it is.
std::uint32_t append_aligned(std::string& image, std::string_view data) {
  image.resize((image.size() + 15) / 16 * 16);
  const auto offset = static_cast<std::uint32_t>(image.size());
  image += data;
  return offset;
}

// The place of the number is where the messages for two numbers begin to differ.
template <class Encode>
TrampolineReport append_report(std::string& image, Encode encode) {
  const std::string message = encode(0), other = encode(-1);
  const auto differs = std::ranges::mismatch(message, other).in1 - message.begin();
  return {.offset = append_aligned(image, message),
          .size = static_cast<std::uint32_t>(message.size()),
          .number_offset = static_cast<std::uint32_t>(differs)};
}

TrampolineReport append_failure(std::string& image, std::string_view text, ReportTo whom) {
  return append_report(image, [&](std::int32_t err) {
    return encode_report({.code = Errc::System, .err = err, .text = std::string(text)}, whom);
  });
}

void append_fork(std::string& image, const TrampolineTask& task, TrampolineOrder& order) {
  order.forks = 1;
  order.takes_terminal = task.takes_terminal ? 1 : 0;
  order.forked = append_report(
      image, [](std::int32_t pid) { return wire::encode(FromInit(Forked{.pid = pid})); });
  order.fork_failed = append_failure(image, "make a process in the container", task.report_to);
  order.session_failed = append_failure(image, "process.terminal: open a session", task.report_to);
}

// The one segment grows over what was appended, and the header says where the order is.
void finish_image(std::string& image, std::uint32_t order_offset) {
  auto* header = reinterpret_cast<Elf64_Ehdr*>(image.data());
  auto* segment = reinterpret_cast<Elf64_Phdr*>(image.data() + header->e_phoff);
  segment->p_filesz = segment->p_memsz = image.size();
  header->e_shoff = order_offset;
  header->e_shnum = header->e_shstrndx = 0;
}

void append_label(std::string& image, const TrampolineTask& task, TrampolineOrder& order) {
  const LabelPlan& label = *task.label;
  order.proc_fd = task.proc_fd;
  order.attribute_offset = append_aligned(image, label.attribute + '\0');
  order.label_offset = append_aligned(image, label.value);
  order.label_size = static_cast<std::uint32_t>(label.value.size());
  order.label_failed =
      append_failure(image, cat("set the label '", label.value, "'"), task.report_to);
}

}  // namespace

bool passes_filter(const SeccompProfile& profile, const InitPlan& plan) {
  if (!are_allowed(kCalls, profile)) return false;
  if (plan.enters && !are_allowed(kForkCalls, profile)) return false;
  return !plan.exec.label || are_allowed(kLabelCalls, profile);
}

std::string encode_report(const Failed& failed, ReportTo whom) {
  return whom == ReportTo::Channel ? wire::encode(FromInit(failed)) : wire::encode(failed);
}

Result<Fd> make_trampoline(const TrampolineTask& task) {
  std::string image(trampoline_image());
  TrampolineOrder order{.wait_fd = task.wait_fd, .report_fd = task.report_fd};
  const std::string name = task.program.substr(0, kLongestReport / 2);
  order.exec_failed = append_failure(image, cat("exec: \"", name, "\""), task.report_to);
  order.filter_failed = append_failure(image, "linux.seccomp: load the filter", task.report_to);
  if (task.forks) append_fork(image, task, order);
  if (task.label) append_label(image, task, order);
  if (task.filter) {
    order.filter_offset = append_aligned(image, task.filter->bpf);
    order.filter_count = static_cast<std::uint32_t>(task.filter->bpf.size() / kFilterInstruction);
    order.filter_flags = task.filter->flags;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(&order), sizeof order);
  finish_image(image, append_aligned(image, bytes));
  return sys::sealed_program("brig", image);
}

}  // namespace brig
