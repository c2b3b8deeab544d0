"""Calling an engine's command line, and what class of output it gave."""

import os
import re
import subprocess

from harness import host
from harness.runtime import Capture, Outcome, Running

SECONDS = 60
DEADLINE = SECONDS * host.PATIENCE  # of a call, and of what comes of it
# The substrings that engines look for in a runtime's words, to choose an exit status or an error
# class by (docs/engines.md); and the words of engines that follow from them.
CLASSES = [
    "executable file not found", "no such file or directory", "permission denied",
    "operation not permitted", "not a directory", "is a directory", "does not exist",
    "already exists", "not running", "no such process", "invalid argument", "is paused",
    "cannot be started", "not found", "no such container", "unknown", "read-only file system",
    "command that was not found"]
HEX = re.compile(r"\b[0-9a-f]{12,64}\b")


class Said(Outcome):
    """What one call of an engine did."""

    def ok(self, stdout=None):
        """Success; engines may warn on stderr."""
        self.exits(0)
        assert stdout is None or self.stdout.strip() == stdout, f"wanted {stdout!r}\n{self}"
        return self

    def shows(self, pattern):
        assert re.search(pattern, self.stdout, re.M), f"wanted {pattern!r}\n{self}"
        return self

    def fails(self):
        """With a status of the engine's choice, which a newer one may have changed."""
        assert self.status != 0, str(self)
        return self

    @property
    def text(self):
        return self.stdout.strip()

    @property
    def failure(self):
        """The exit status with the class of the error text: what a caller can act on. No warnings:
        runc has one or not, as it finds the cgroup of what has failed still there or gone."""
        said = "\n".join(line for line in (self.stderr + self.stdout).lower().splitlines()
                         if "level=warning" not in line)
        kinds = [kind for kind in CLASSES if kind in said]
        return f"exit {self.status}" + (f", {', '.join(kinds)}" if kinds else "")


def call(argv, env, seconds=SECONDS, **options):
    """Runs a command line to its end."""
    running = spawn(argv, env, **options)
    outcome = running.wait(seconds * host.PATIENCE)
    return Said(outcome.argv, outcome.status, running.captures)


def spawn(argv, env, stdin=None, descriptor=None):
    """`stdin`: text for it; `descriptor`: a file that it has open as number 3."""
    argv = [str(word) for word in argv]
    before = None
    if descriptor is not None:
        def before():
            os.dup2(os.open(descriptor, os.O_RDONLY), 3)
    captures = Capture("stdout"), Capture("stderr")
    child = subprocess.Popen(argv, env=env, stdout=captures[0].fd, stderr=captures[1].fd,
                             stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                             preexec_fn=before, close_fds=before is None)
    if stdin is not None:
        child.stdin.write(stdin.encode())
        child.stdin.close()
    return Running(argv, child, captures)
