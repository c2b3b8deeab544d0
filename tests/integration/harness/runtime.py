"""Running the runtime under test: one call, its outcome, and what it may say."""

import os
import re
import signal
import subprocess

from harness import host, processes

CALLER_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# For testing the tests with another runtime: its messages are its own, the rest must hold.
ANY_WORDING = os.environ.get("BRIG_TEST_WORDING") == "any"
KEPT_PREFIXES = ("ASAN_", "UBSAN_", "LSAN_", "LLVM_PROFILE_", "GCOV_")


def caller_environment(changes=None):
    kept = {name: value for name, value in os.environ.items() if name.startswith(KEPT_PREFIXES)}
    return {"PATH": CALLER_PATH, **kept, **(changes or {})}


class Capture:
    """A file without a name: a container may go on writing to it after the runtime has exited."""

    def __init__(self, name):
        self.fd = os.memfd_create(name)

    def text(self):
        return os.pread(self.fd, os.fstat(self.fd).st_size, 0).decode(errors="replace")

    def __del__(self):
        os.close(self.fd)


class Outcome:
    """What one call of the runtime did. `stdout` and `stderr` are read anew at every use."""

    def __init__(self, argv, status, captures):
        self.argv, self.status = argv, status
        self._stdout, self._stderr = captures

    @property
    def stdout(self):
        return self._stdout.text()

    @property
    def stderr(self):
        return self._stderr.text()

    def __str__(self):
        return (f"{' '.join(self.argv)}\nexit status {self.status}\n"
                f"stdout: {self.stdout}\nstderr: {self.stderr}")

    def ok(self, stdout=None):
        """Success, and nothing on stderr: engines read both (engines.md 0.3, 0.7)."""
        assert self.status == 0 and (self.stderr == "" or ANY_WORDING), str(self)
        assert stdout is None or self.stdout == stdout, str(self)
        return self

    def exits(self, status):
        assert self.status == status, str(self)
        return self

    def fails(self, message, status=1):
        """Exactly this one sentence on stderr; `message` may be a compiled pattern for it."""
        assert self.status == status, str(self)
        assert self.stdout == "", str(self)
        said = self.stderr
        if ANY_WORDING:
            assert said != "", str(self)
            return self
        if isinstance(message, re.Pattern):
            assert message.fullmatch(said.rstrip("\n")), f"wanted {message.pattern}\n{self}"
        else:
            assert said == message + "\n", f"wanted {message!r}\n{self}"
        return self


class Running:
    """A runtime in the background (a foreground `run`, a racer, one that is to be killed)."""

    def __init__(self, argv, popen, captures):
        self.argv, self.popen, self.captures = argv, popen, captures
        self.pid = popen.pid

    def wait(self, seconds=None):
        fd = os.pidfd_open(self.pid)
        try:
            processes.wait_readable(fd, " ".join(self.argv), seconds)
        except processes.TimedOut as late:
            self.popen.kill()
            self.popen.wait()
            outcome = Outcome(self.argv, "still running", self.captures)
            raise AssertionError(f"{late}\n{outcome}") from None
        finally:
            os.close(fd)
        code = self.popen.wait()
        return Outcome(self.argv, code if code >= 0 else 128 - code, self.captures)

    def signal(self, number):
        self.popen.send_signal(number)


class Runtime:
    def __init__(self, root, mounts_of=None):
        """`mounts_of`: the fd of the mount namespace to run in, if not the session's own."""
        self.root, self.mounts_of = root, mounts_of
        self.program = [host.BRIG]
        self.flags = []  # before the command
        self.before, self.env = None, {}  # of every call that has none of its own

    def argv(self, *words, root=None):
        return [*self.program, "--root", root or self.root, *self.flags, *map(str, words)]

    def spawn(self, *words, argv=None, stdin=None, stdout=None, env=None, before=None, **popen):
        """`stdout`: an fd instead of a capture; `before`: called in the child before execve."""
        argv = argv or self.argv(*words)
        captures = Capture("stdout"), Capture("stderr")
        child = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=captures[0].fd if stdout is None else stdout, stderr=captures[1].fd,
            env=caller_environment({**self.env, **(env or {})}),
            preexec_fn=self._preparation(before or self.before), **popen)
        return Running(argv, child, captures)

    def call(self, *words, seconds=None, **options):
        return self.spawn(*words, **options).wait(seconds)

    def bare(self, *words, **options):
        """The binary with just these words: no --root of the harness's."""
        return self.call(argv=[*self.program, *words], **options)

    def _preparation(self, before):
        if self.mounts_of is None and before is None:
            return None

        def prepare():
            if self.mounts_of is not None:
                host.setns(self.mounts_of, host.CLONE_NEWNS)
                os.chdir(os.environ.get("PWD", "/"))
            if before is not None:
                before()
        return prepare


def default_signals():
    """For `before`: pytest's own dispositions must not reach the runtime."""
    for number in (signal.SIGPIPE, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
