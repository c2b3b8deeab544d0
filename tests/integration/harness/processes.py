"""Processes by pidfd: waiting with a deadline, and finding what is still there below us."""

import errno
import os
import select
import signal
import time

from harness import host

KNOWN = set()  # children of the session itself, not of a test
PF_EXITING = 0x4
SIGKILL_BIT = 1 << (signal.SIGKILL - 1)


class TimedOut(Exception):
    pass


def wait_readable(fd, what, seconds=None):
    poller = select.poll()
    poller.register(fd, select.POLLIN)
    if not poller.poll((seconds or host.DEADLINE) * 1000):
        raise TimedOut(f"nothing within {seconds or host.DEADLINE} s: {what}")


def until(condition, what, seconds=None):
    """For what the kernel gives no file descriptor to wait on."""
    deadline = time.monotonic() + (seconds or host.DEADLINE)
    while not condition():
        if time.monotonic() > deadline:
            raise TimedOut(f"not within {seconds or host.DEADLINE} s: {what}")
        select.select([], [], [], 0.001)


def wait_exit(pid, seconds=None):
    """The exit status of a child (ours by birth or adopted) as a shell counts it."""
    fd = os.pidfd_open(pid)
    try:
        wait_readable(fd, f"exit of process {pid}", seconds)
    finally:
        os.close(fd)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return code if code >= 0 else 128 - code


def wait_dead(pid, seconds=None):
    """Until a process that may not be our child has ended; a zombie has."""
    try:
        fd = os.pidfd_open(pid)
    except OSError as error:
        # The number may live on as that of a process group: EINVAL, since Linux 6.16 ENOENT.
        if error.errno in (errno.ESRCH, errno.EINVAL, errno.ENOENT):
            return
        raise
    try:
        wait_readable(fd, f"end of process {pid}", seconds)
    finally:
        os.close(fd)


def stat_fields(pid):
    """The fields of /proc/PID/stat after the name: state, ppid, pgrp, session, ... ; or None."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def is_alive(pid):
    """Not while the kernel takes it apart: it leaves its cgroup before it becomes a zombie."""
    fields = stat_fields(pid)
    return fields is not None and fields[0] not in "ZX" and not int(fields[6]) & PF_EXITING


def is_ending(pid):
    """Whether the kernel is taking it apart, or will as soon as it gets a processor."""
    fields = stat_fields(pid)
    return fields is not None and (int(fields[6]) & PF_EXITING != 0
                                   or int(fields[28]) & SIGKILL_BIT != 0)


def reap():
    """Collects every adopted child that has ended."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


def descendants():
    """{pid: command line} of every living process below this one that no test may leave."""
    parent = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = stat_fields(name)
            if fields is not None and fields[0] not in "ZX":
                parent[int(name)] = int(fields[1])
    found, grew = {os.getpid()}, True
    while grew:
        more = {pid for pid, above in parent.items() if above in found} - found - KNOWN
        found |= more
        grew = bool(more)
    return {pid: command_line(pid) for pid in found - {os.getpid()}}


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline") as file:
            return file.read().replace("\0", " ").strip() or "?"
    except (FileNotFoundError, ProcessLookupError):
        return "?"


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def start_time(pid):
    return int(stat_fields(pid)[19])


class OutputPipe:
    """A pipe for a container's output that a test reads line by line as it comes."""

    def __init__(self):
        self.fd, self.write_end = os.pipe()
        self._text = b""

    def line(self, seconds=None):
        while b"\n" not in self._text:
            wait_readable(self.fd, f"a line after {self._text!r}", seconds)
            data = os.read(self.fd, 65536)
            assert data, f"end of file after {self._text!r}"
            self._text += data
        line, _, self._text = self._text.partition(b"\n")
        return line.decode()

    def rest(self, seconds=None):
        """Everything up to the end of file, which comes when the last writer has gone."""
        self.close_write_end()
        while True:
            wait_readable(self.fd, f"end of file after {self._text!r}", seconds)
            data = os.read(self.fd, 65536)
            if not data:
                return self._text.decode()
            self._text += data

    def close_write_end(self):
        if self.write_end >= 0:
            os.close(self.write_end)
            self.write_end = -1

    def close(self):
        self.close_write_end()
        os.close(self.fd)
