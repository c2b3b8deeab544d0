// Pseudo-terminals and terminal settings.
#pragma once

#include <termios.h>

#include <cstdint>
#include <string>

#include "base/error.h"
#include "sys/fd.h"

namespace brig::sys {

struct WindowSize {
  std::uint16_t rows = 0, columns = 0;
};

// A master, unlocked, of a devpts instance that we mounted ourselves: `devpts` is its root, so
// nobody can have put anything in the place of ptmx (CVE-2025-52565).
Result<Fd> open_pty_master(FdRef devpts);
Result<Fd> open_pty_peer(FdRef master);           // TIOCGPTPEER: never by name
Result<std::uint32_t> pty_number(FdRef master);   // TIOCGPTN
Result<> make_controlling_terminal(FdRef slave);  // TIOCSCTTY
bool is_terminal(FdRef file);
Result<WindowSize> window_size(FdRef terminal);
Result<> set_window_size(FdRef terminal, WindowSize size);

// Raw mode for as long as the object lives.
class RawMode {
 public:
  static Result<RawMode> enter(FdRef terminal);
  RawMode(RawMode&& other) noexcept : terminal_(other.terminal_), saved_(other.saved_) {
    other.terminal_ = FdRef::none();
  }
  RawMode& operator=(RawMode&&) = delete;
  ~RawMode();

 private:
  RawMode(FdRef terminal, const termios& saved) : terminal_(terminal), saved_(saved) {}
  FdRef terminal_;
  termios saved_;
};

// dup3 onto 0, 1 or 2, and any other number; the result has no close-on-exec.
Result<> duplicate_onto(FdRef file, int number);
bool is_open(int number);

}  // namespace brig::sys
