#include "sys/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sys/file.h"

namespace brig::sys {

Result<Fd> open_pty_master(FdRef devpts) {
  Fd master = TRY(open_beneath(devpts, "ptmx", O_RDWR | O_NOCTTY));
  int unlocked = 0;
  if (::ioctl(master.raw(), TIOCSPTLCK, &unlocked) != 0) return fail_errno("ioctl TIOCSPTLCK");
  return master;
}

Result<Fd> open_pty_peer(FdRef master) {
  const int slave = ::ioctl(master.raw(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) return fail_errno("ioctl TIOCGPTPEER");
  return Fd(slave);
}

Result<std::uint32_t> pty_number(FdRef master) {
  unsigned number = 0;
  if (::ioctl(master.raw(), TIOCGPTN, &number) != 0) return fail_errno("ioctl TIOCGPTN");
  return number;
}

Result<> make_controlling_terminal(FdRef slave) {
  if (::ioctl(slave.raw(), TIOCSCTTY, 0) != 0) return fail_errno("ioctl TIOCSCTTY");
  return {};
}

bool is_terminal(FdRef file) {
  return ::isatty(file.raw()) == 1;
}

Result<WindowSize> window_size(FdRef terminal) {
  winsize size{};
  if (::ioctl(terminal.raw(), TIOCGWINSZ, &size) != 0) return fail_errno("ioctl TIOCGWINSZ");
  return WindowSize{.rows = size.ws_row, .columns = size.ws_col};
}

Result<> set_window_size(FdRef terminal, WindowSize size) {
  winsize wanted{};
  wanted.ws_row = size.rows;
  wanted.ws_col = size.columns;
  if (::ioctl(terminal.raw(), TIOCSWINSZ, &wanted) != 0) return fail_errno("ioctl TIOCSWINSZ");
  return {};
}

Result<RawMode> RawMode::enter(FdRef terminal) {
  termios saved{};
  if (::tcgetattr(terminal.raw(), &saved) != 0) return fail_errno("tcgetattr");
  termios raw = saved;
  ::cfmakeraw(&raw);
  if (::tcsetattr(terminal.raw(), TCSANOW, &raw) != 0) return fail_errno("tcsetattr");
  return RawMode(terminal, saved);
}

RawMode::~RawMode() {
  if (terminal_) ::tcsetattr(terminal_.raw(), TCSANOW, &saved_);
}

Result<> duplicate_onto(FdRef file, int number) {
  if (file.raw() == number) return set_cloexec(file, false);
  if (::dup2(file.raw(), number) < 0) return fail_errno("dup2 onto ", number);
  return {};
}

bool is_open(int number) {
  return ::fcntl(number, F_GETFD) >= 0;
}

}  // namespace brig::sys
