#include "runtime/foreground.h"

#include <optional>

#include "sys/file.h"
#include "sys/terminal.h"

namespace brig::runtime {

namespace {

const FdRef kStdin = FdRef::number(0), kStdout = FdRef::number(1);

class Attendant {
 public:
  explicit Attendant(const Foreground& foreground) : in_(foreground) {}

  Result<sys::ExitStatus> attend() {
    std::optional<sys::RawMode> raw;
    if (in_.terminal && sys::is_terminal(kStdin)) {
      sys::RawMode entered = TRY(sys::RawMode::enter(kStdin));
      raw.emplace(std::move(entered));
      adopt_window_size(in_.terminal);
    }
    while (true) {
      const std::optional<sys::ExitStatus> status = TRY(turn());
      if (!status) continue;
      if (in_.terminal) drain_terminal();
      return *status;
    }
  }

 private:
  // Waits for one thing to happen and deals with it.
  Result<std::optional<sys::ExitStatus>> turn() {
    const FdRef input = in_.terminal && !input_ended_ ? kStdin : FdRef::none();
    const FdRef output = output_ended_ ? FdRef::none() : in_.terminal;
    const std::vector<bool> ready = TRY(sys::wait_readable(
        {in_.child.pidfd, in_.signals.fd(), output, input, in_.notify.socket()}, -1));
    if (ready[1]) TRY(forward_signal());
    if (ready[2]) output_ended_ = !relay(in_.terminal, kStdout);
    if (ready[3]) input_ended_ = !relay(kStdin, in_.terminal);
    if (ready[4]) in_.notify.take_message();
    if (!ready[0]) return std::nullopt;
    return sys::reap(in_.child.pidfd);
  }

  Result<> forward_signal() {
    const int signal = TRY(in_.signals.next());
    if (signal == SIGCHLD) return sys::reap_others(in_.child.pid);
    if (signal == SIGURG) return {};
    if (signal == SIGWINCH && in_.terminal) {
      adopt_window_size(in_.terminal);
      return {};
    }
    ignore(sys::pidfd_send_signal(in_.child.pidfd, signal), "it may have ended just now");
    return {};
  }

  // False when there is no more to come: the other side of a pty reads as EIO then.
  static bool relay(FdRef from, FdRef to) {
    const Result<std::string> data = sys::read_some(from);
    return data && !data->empty() && sys::write_all(to, *data);
  }

  // What the program wrote last may still be on its way through the kernel: only when every
  // holder of the other side has closed it has all arrived. A process that outlives init and
  // keeps it open is not waited for.
  void drain_terminal() {
    constexpr int kPatienceMs = 200;
    while (!output_ended_) {
      const Result<std::vector<bool>> ready = sys::wait_readable({in_.terminal}, kPatienceMs);
      if (!ready || !(*ready)[0]) return;
      output_ended_ = !relay(in_.terminal, kStdout);
    }
  }

  const Foreground& in_;
  bool input_ended_ = false, output_ended_ = false;
};

}  // namespace

void adopt_window_size(FdRef terminal) {
  if (const Result<sys::WindowSize> size = sys::window_size(kStdin))
    ignore(sys::set_window_size(terminal, *size), "a size is only looks");
}

Result<sys::ExitStatus> attend(const Foreground& foreground) {
  return Attendant(foreground).attend();
}

}  // namespace brig::runtime
