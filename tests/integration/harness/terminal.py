"""A person at a terminal: a pty with the runtime as its foreground process."""

import fcntl
import os
import pty
import select
import struct
import termios
import time

from harness import host, processes
from harness.runtime import caller_environment


def read_some(fd, until):
    """From a pty's master, up to a text."""
    found = b""
    while until not in found:
        processes.wait_readable(fd, f"{until!r} after {found!r}")
        found += os.read(fd, 65536)
    return found


class Terminal:
    def __init__(self, argv, env=None, rows=24, columns=80, before=None, seconds=host.DEADLINE):
        """`seconds`: how long each wait may take that says nothing else."""
        self.output = b""
        self.seconds = seconds
        self.argv = argv
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                if before is not None:
                    before()
                set_size(0, rows, columns)
                os.execvpe(argv[0], argv, caller_environment(env))
            finally:
                os._exit(99)

    def expect(self, text, seconds=None):
        """Reads until `text` (bytes) has been seen, and forgets everything up to its end."""
        if not self.sees(text, seconds):
            raise AssertionError(f"no {text!r} from {self.argv}; got {self.output!r}")
        before, _, self.output = self.output.partition(text)
        return before

    def sees(self, text, seconds=None):
        """Whether `text` (bytes) comes in time."""
        deadline = time.monotonic() + (seconds or self.seconds)
        while text not in self.output:
            if not self._read(deadline):
                return False
        return True

    def send(self, data):
        os.write(self.fd, data)

    def resize(self, rows, columns):
        set_size(self.fd, rows, columns)

    def local_modes(self):
        return termios.tcgetattr(self.fd)[3]

    def is_raw(self):
        return not self.local_modes() & (termios.ICANON | termios.ECHO | termios.ISIG)

    def wait(self):
        """The exit status, after everything it printed has been read."""
        deadline = time.monotonic() + self.seconds
        while self._read(deadline):
            pass
        status = processes.wait_exit(self.pid, self.seconds)
        self.pid = 0
        return status

    def close(self):
        if self.pid:
            processes.kill(self.pid)
            processes.wait_exit(self.pid)
        os.close(self.fd)

    def _read(self, deadline):
        poller = select.poll()
        poller.register(self.fd, select.POLLIN)
        if not poller.poll(max(0, deadline - time.monotonic()) * 1000):
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # EIO: the last opener of the other side is gone
            return False
        self.output += data
        return data != b""


def set_size(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def size_of(fd):
    return struct.unpack("HHHH", fcntl.ioctl(fd, termios.TIOCGWINSZ, b"\0" * 8))[:2]
