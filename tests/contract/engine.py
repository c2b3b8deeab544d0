"""An engine's end of a call: what it hands to the runtime, and how it waits for it to end."""

import collections
import json
import os
import signal
import subprocess

import golang
from harness import host, processes
from harness.runtime import caller_environment

PR_SET_PDEATHSIG = 1
Said = collections.namedtuple("Said", "status text")


def die_with_caller():
    """Shim, conmon, BuildKit and Buildah have the runtime killed when they die."""
    host.checked(host.libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl PDEATHSIG")


def read(path):
    with open(path) as file:
        return file.read()


def environment(changes=None, only=None):
    """The caller's with changes, or only these variables (and what a sanitizer needs)."""
    if only is None:
        return caller_environment(changes)
    found = {**caller_environment(), **only}
    return {name: value for name, value in found.items() if name != "PATH" or "PATH" in only}


def combined_output(argv, stdin=None, env=None, cwd=None, before=None, **popen):
    """exec.Cmd with one buffer for both streams: nothing returns before the pipe's end of file, so
    that whoever keeps its other end open holds up the engine. `stdin`: text, through a pipe."""
    pipe = processes.OutputPipe()
    try:
        source = subprocess.DEVNULL if stdin is None else text_pipe(stdin)
        child = subprocess.Popen(argv, stdin=source, stdout=pipe.write_end, stderr=pipe.write_end,
                                 env=env or caller_environment(), cwd=cwd,
                                 preexec_fn=before or die_with_caller, **popen)
        if stdin is not None:
            os.close(source)
        text = pipe.rest()
        return Said(shell_status(child), text)
    finally:
        pipe.close()


def shell_status(child):
    code = child.wait(timeout=host.DEADLINE)
    return code if code >= 0 else 128 - code


def text_pipe(text):
    """The reading end of a pipe that holds a text and its end of file."""
    source, target = os.pipe()
    os.write(target, text.encode())
    os.close(target)
    return source


def succeeds(said, text=""):
    assert said == Said(0, text), said
    return said


class Subreaper:
    """A process that adopts what the runtime leaves and waits for it by its pid file, as the shim,
    conmon, conmon-rs and Buildah's helper do. It sees the program end only if the program's
    process is its own child by then."""

    def __init__(self, argv, pid_file, stdio=(None, None), env=None, cwd=None):
        self.lines = processes.OutputPipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self._watch(argv, pid_file, stdio, env or caller_environment(), cwd)
            finally:
                os._exit(99)
        self.lines.close_write_end()

    def _watch(self, argv, pid_file, stdio, env, cwd):
        host.become_subreaper()
        stdin, stdout = (subprocess.DEVNULL if fd is None else fd for fd in stdio)
        errors = os.pipe()
        runtime = subprocess.Popen(argv, stdin=stdin, stdout=stdout, stderr=errors[1], env=env,
                                   cwd=cwd, preexec_fn=die_with_caller)
        status = shell_status(runtime)
        if status != 0:
            os.close(errors[1])
            return self._tell(status=status, text=os.read(errors[0], 8191).decode())
        pid = golang.atoi(read(pid_file))
        mine = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        self._tell(status=0, pid=pid, mine=mine)
        return self._tell(code=os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

    def _tell(self, **report):
        os.write(self.lines.write_end, json.dumps(report).encode() + b"\n")

    def report(self):
        """{"status": 0, "pid": the program's} or {"status": not 0, "text": stderr}, then
        {"code": the program's exit status, negative for a signal}."""
        return json.loads(self.lines.line())

    def created(self):
        report = self.report()
        assert report["status"] == 0, report
        return report["pid"]

    def code(self):
        return self.report()["code"]

    def close(self):
        processes.kill(self.pid)
        processes.wait_exit(self.pid)
        self.lines.close()
